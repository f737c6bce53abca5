#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/files/file_system.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/vocabulary.h"
#include "tulving/result.h"

namespace tulving::index {

/// See text_checkpoint.cc for the format.
Status save_text_checkpoint(FileSystem& files, const std::filesystem::path& file,
                            const CheckpointOrigin& origin, const Vocabulary& vocabulary,
                            const InvertedIndex& index);

/// Fills an empty vocabulary and index; after an error they are good for nothing.
Status load_text_checkpoint(FileSystem& files, const std::filesystem::path& file,
                            CheckpointOrigin& origin, Vocabulary& vocabulary, InvertedIndex& index);

}  // namespace tulving::index
