// The hashes are the published ones: their values stand in files and in Postgres. Vectors are those
// of RFC 1321, FIPS 180 and, for XXH3 (64 bits, no seed), of xxHash's own command line.

#include "core/base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tulving {
namespace {

TEST(Md5, GivesTheVectorsOfRfc1321) {
  EXPECT_EQ(to_hex(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(to_hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(md5("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(to_hex(md5("1234567890123456789012345678901234567890"
                       "1234567890123456789012345678901234567890")),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Sha256, GivesTheVectorsOfFips180) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, OfPartsTellsWhereTheyEnd) {
  using std::string_literals::operator""s;
  EXPECT_EQ(sha256_of_parts({"abc", "d"}), sha256("\3\0\0\0\0\0\0\0abc\1\0\0\0\0\0\0\0d"s));
  const std::set<Sha256> digests = {
      sha256_of_parts({"a/b", "c"}),     sha256_of_parts({"a", "b/c"}),
      sha256_of_parts({"a/b/c"}),        sha256_of_parts({"a", "b", "c"}),
      sha256_of_parts({"a/b", "c", ""}), sha256_of_parts({})};
  EXPECT_EQ(digests.size(), 6U);
}

TEST(Xxh3, GivesTheKnownValues) {
  EXPECT_EQ(xxh3(std::string_view()), 0x2d06800538d394c2U);
  EXPECT_EQ(xxh3("a"), 0xe6c632b61e964e1fU);
  EXPECT_EQ(xxh3("abc"), 0x78af5f94892f3950U);
}

TEST(Xxh3, IsOneForBytesAndText) {
  const std::string text(1000, 'x');

  EXPECT_EQ(xxh3(std::as_bytes(std::span(text))), xxh3(text));
  EXPECT_NE(xxh3(text), xxh3(std::string_view(text).substr(1)));
}

TEST(ToHex, WritesTwoLowerCaseDigitsAByte) {
  const std::uint8_t bytes[] = {0x00, 0x0f, 0xa0, 0xff};

  EXPECT_EQ(to_hex(bytes), "000fa0ff");
  EXPECT_EQ(to_hex({}), "");
}

}  // namespace
}  // namespace tulving
