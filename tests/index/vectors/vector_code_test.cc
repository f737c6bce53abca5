// What is promised of a vector's final form: no component is further from the turned unit vector
// than half a step, and no cosine than the bound that vector_code.h states, whatever the data;
// `error` is what the codes alone lose against the form; the cosine of both parts of a query with
// the codes lies within bound() of the one by the form; and all is a pure function of the vector's
// direction.
//
// The test can tell because it computes all of them in double precision from the definition, for
// data of many shapes: embeddings, one large component, few components, constants, denormals.

#include "index/vectors/rows/vector_code.h"

#include <bit>
#include <functional>
#include <limits>

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;

struct Shape {
  const char* name;
  std::function<Vector(Generator&, std::uint32_t)> make;
};

const Shape kShapes[] = {
    {"normal", [](Generator& g, std::uint32_t dim) { return g.noise(dim); }},
    {"one large",
     [](Generator& g, std::uint32_t dim) {
       Vector v = g.noise(dim);
       v[dim / 2] = 2.0F * std::sqrt(static_cast<float>(dim));
       return v;
     }},
    {"heavy tails",
     [](Generator& g, std::uint32_t dim) {
       Vector v = g.noise(dim);
       for (float& x : v) x = x * x * x;
       return v;
     }},
    {"few",
     [](Generator& g, std::uint32_t dim) {
       Vector v(dim, 0.0F);
       for (int i = 0; i < 3; ++i) v[g.below(dim)] = g.noise(1)[0];
       v[0] += 0.5F;
       return v;
     }},
    {"constant", [](Generator&, std::uint32_t dim) { return Vector(dim, -0.3F); }},
    {"two values",
     [](Generator& g, std::uint32_t dim) {
       Vector v(dim);
       for (float& x : v) x = g.chance(0.5) ? 1.0F : 127.4F;
       return v;
     }},
    {"denormal",
     [](Generator& g, std::uint32_t dim) {
       Vector v = g.noise(dim);
       for (float& x : v) x *= 1e-40F;
       v[0] = 1e-38F;
       return v;
     }},
    {"huge",
     [](Generator& g, std::uint32_t dim) {
       Vector v = g.noise(dim);
       for (float& x : v) x *= 1e36F;
       return v;
     }},
};

class VectorCode : public ::testing::TestWithParam<std::tuple<std::uint32_t, std::uint32_t>> {
 protected:
  static std::uint32_t dim() { return std::get<0>(GetParam()); }
  static std::uint32_t bits() { return std::get<1>(GetParam()); }

  struct Coded {
    CodeHeader header;
    std::vector<std::uint8_t> codes, residuals;
    std::vector<float> form;  // Times 256 / scale.
  };
  Coded encode(const Vector& vector) const {
    Coded coded{{},
                std::vector<std::uint8_t>(coder_.code_stride()),
                std::vector<std::uint8_t>(coder_.residual_stride()),
                std::vector<float>(coder_.code_stride())};
    coded.header = coder_.encode(vector, coded.codes.data(), coded.residuals.data());
    fixed_kernels().decode(coder_.row(coded.codes.data(), coded.residuals.data()),
                           coder_.code_stride(), coded.form.data());
    return coded;
  }

  VectorCoder coder_{dim(), bits()};
  Generator generator_{dim(), 7 * dim() + bits()};
};

// The unit vector, turned as the coder turns it, by the definition of the transform.
std::vector<double> turned(const Vector& vector) {
  double squares = 0.0;
  for (const float x : vector) squares += double{x} * double{x};
  const std::size_t n = round_up(vector.size(), kCacheLine);
  const std::size_t stride = n / kMixed;
  std::vector<double> unit(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < kMixed; ++j) {
      const std::size_t from = i % stride + j * stride;
      if (from >= vector.size()) continue;
      const bool minus = std::popcount(j & (i / stride)) % 2 != 0;
      const double sign = double{rotation_signs()[from]} * (minus ? -1.0 : 1.0);
      unit[i] += sign * double{vector[from]} / std::sqrt(squares) / 8.0;
    }
  }
  return unit;
}

TEST_P(VectorCode, IsAsNearToTheDirectionAsStated) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    for (int trial = 0; trial < 10; ++trial) {
      const Vector vector = shape.make(generator_, dim());
      const auto unit = turned(vector);
      const Coded coded = encode(vector);
      double most = 0.0, form_squares = 0.0, lost = 0.0;
      for (const double x : unit) most = std::max(most, std::abs(x));
      const double step = most / 127 / static_cast<double>(1U << bits());
      for (std::size_t i = 0; i < coded.form.size(); ++i) {
        // As the form lies before its length is divided out: the largest component is 127 codes.
        const double component = double{coded.form[i]} / 256.0 * (most / 127);
        ASSERT_NEAR(component, unit[i], 0.5 * step + 1e-5 * most) << i;
        const double rest =
            double{coded.form[i]} - 256.0 * (double{static_cast<float>(coded.codes[i])} - 128.0);
        lost += rest * rest;
        form_squares += double{coded.form[i]} * double{coded.form[i]};
      }
      const double unit_length = std::sqrt(form_squares) * double{coded.header.scale} / 256.0;
      EXPECT_NEAR(unit_length, 1.0, 1e-6);
      const double error = std::sqrt(lost / form_squares);
      EXPECT_GE(double{coded.header.error}, error);
      EXPECT_LE(double{coded.header.error}, error * 1.00001 + 1e-30);
      EXPECT_TRUE(is_sane(coded.header, coder_.code_stride()));
      EXPECT_EQ(bits() == 0, coded.header.error == 0.0F && bits() == 0);
    }
  }
}

TEST_P(VectorCode, BoundsWhatScansAndScoresMayLose) {
  for (const Shape& of_row : kShapes) {
    for (const Shape& of_query : kShapes) {
      SCOPED_TRACE(of_row.name + std::string(" by ") + of_query.name);
      const Vector vector = of_row.make(generator_, dim());
      const Vector query = of_query.make(generator_, dim());
      const Coded coded = encode(vector);
      const PreparedQuery prepared(coder_, query);
      const auto unit = turned(vector);
      double most = 0.0;
      for (const double x : unit) most = std::max(most, std::abs(x));
      const float cosine = prepared.exact(coder_.row(coded.codes.data(), coded.residuals.data()),
                                          coded.header.scale);
      // Twice: once for the components, once for the length that they change.
      const double bound = 2 * std::sqrt(static_cast<double>(coder_.code_stride())) * most / 254 /
                               static_cast<double>(1U << bits()) +
                           4e-6;
      EXPECT_NEAR(cosine, testing::cosine(vector, query), bound);

      const std::uint8_t* row = coded.codes.data();
      float dot = 0.0F;
      kernels().dot_rows_fine(&row, 1, prepared.coded(), coder_.code_stride(), &dot);
      EXPECT_LE(std::abs(dot * coded.header.scale * prepared.fine_scale() - cosine),
                prepared.bound(coded.header.error));
    }
  }
}

TEST_P(VectorCode, MakesZerosOfWhatHasNoDirection) {
  Vector no_number(dim(), 1.0F), infinite(dim(), 1.0F);
  no_number[dim() - 1] = std::numeric_limits<float>::quiet_NaN();
  infinite[0] = -std::numeric_limits<float>::infinity();
  for (const Vector& vector : {Vector(dim(), 0.0F), no_number, infinite}) {
    const Coded coded = encode(vector);
    for (const float component : coded.form) ASSERT_EQ(component, 0.0F);
    EXPECT_TRUE(is_sane(coded.header, coder_.code_stride()));
    EXPECT_EQ(coded.header.error, 0.0F);
    const PreparedQuery query(coder_, generator_.noise(dim()));
    EXPECT_EQ(
        query.exact(coder_.row(coded.codes.data(), coded.residuals.data()), coded.header.scale),
        0.0F);
  }
}

INSTANTIATE_TEST_SUITE_P(DimAndBits, VectorCode,
                         ::testing::Combine(::testing::Values(1, 2, 3, 31, 64, 100, 512, 1536),
                                            ::testing::Values(0, 4, 8)));

}  // namespace
}  // namespace tulving::index
