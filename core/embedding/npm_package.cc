#include "core/embedding/npm_package.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>

#include "core/base/errors.h"
#include "core/base/files/file_system.h"
#include "core/base/files/io_error.h"
#include "core/base/json/json_text.h"
#include "core/embedding/model_file.h"
#include "tulving/embedder.h"

namespace tulving::embedding {
namespace {

namespace fs = std::filesystem;

Result<std::string> bytes_of(const fs::path& path) {
  const auto file = Descriptor::open(FileSystem::machine(), path, O_RDONLY | O_CLOEXEC);
  if (!file.is_open()) {
    if (file.cause() == ENOENT || file.cause() == ENOTDIR) {
      return Error{ErrorCode::kNotFound, "the package has no file " + path.string()};
    }
    return io_error("open", path.string(), file.cause());
  }
  std::string bytes;
  if (const int cause = file.read_all(bytes); cause != 0) {
    return io_error("read", path.string(), cause);
  }
  return bytes;
}

Error other_form(const fs::path& path, const std::string& what) {
  return invalid(path.string() + " has another form than that of version 0.2.0: " + what,
                 "package");
}

double number_of(const JsonValue& value) {
  double number = 0;
  const std::string_view raw = value.raw();
  std::from_chars(raw.data(), raw.data() + raw.size(), number);
  return number;
}

// [["piece", score], ...]; a score may be null, which the model's own tokenizer takes for 0.
Status read_vocabulary(const fs::path& path, ModelWeights& weights) {
  const auto text = bytes_of(path);
  if (!text) return text.error();
  if (scan_json(*text)) return other_form(path, "it is no JSON");
  const JsonValue all = JsonValue::whole(*text);
  bool is_sound = all.kind() == JsonKind::kArray;
  const auto take = [&](JsonValue entry) {
    std::vector<JsonValue> pair;
    if (entry.kind() == JsonKind::kArray) {
      entry.each_element([&](JsonValue value) {
        pair.push_back(value);
        return pair.size() < 3;
      });
    }
    is_sound = pair.size() == 2 && pair[0].kind() == JsonKind::kString &&
               (pair[1].kind() == JsonKind::kNumber || pair[1].kind() == JsonKind::kNull);
    if (!is_sound) return false;
    weights.pieces.push_back(pair[0].as_string());
    weights.scores.push_back(pair[1].kind() == JsonKind::kNumber ? number_of(pair[1]) : 0.0);
    return true;
  };
  if (is_sound) all.each_element(take);
  return is_sound ? Status() : other_form(path, "it is no list of pieces and scores");
}

// Where an array lies among all arrays, in floats (or integers, which are as long).
struct Place {
  std::size_t first = 0, count = 0;
};
struct Arrays {
  std::map<std::string, Place> places;
  std::vector<std::string> files;
  std::size_t count = 0;
};

// {"name": ..., "shape": [...], "dtype": ...}. False: of another form.
bool read_entry(const JsonValue& entry, Arrays& arrays) {
  const auto name = entry.member("name");
  const auto shape = entry.member("shape");
  if (!name || !shape || name->kind() != JsonKind::kString || shape->kind() != JsonKind::kArray) {
    return false;
  }
  if (entry.member("quantization")) return false;
  double count = 1;
  shape->each_element([&](JsonValue side) {
    count *= number_of(side);
    return true;
  });
  if (!(count >= 0 && count < 1e9)) return false;
  arrays.places[name->as_string()] = {arrays.count, static_cast<std::size_t>(count)};
  arrays.count += static_cast<std::size_t>(count);
  return true;
}

// {"paths": [...], "weights": [...]}. A path leads to no other folder.
bool read_group(const JsonValue& group, Arrays& arrays) {
  const auto paths = group.member("paths");
  const auto entries = group.member("weights");
  if (!paths || !entries || paths->kind() != JsonKind::kArray ||
      entries->kind() != JsonKind::kArray) {
    return false;
  }
  bool is_sound = true;
  paths->each_element([&](JsonValue file) {
    is_sound = file.kind() == JsonKind::kString &&
               file.raw().find_first_of("/\\") == std::string_view::npos;
    if (is_sound) arrays.files.push_back(file.as_string());
    return is_sound;
  });
  if (is_sound) {
    entries->each_element([&](JsonValue entry) { return is_sound = read_entry(entry, arrays); });
  }
  return is_sound;
}

Status read_manifest(const fs::path& path, Arrays& arrays) {
  const auto text = bytes_of(path);
  if (!text) return text.error();
  if (scan_json(*text)) return other_form(path, "it is no JSON");
  const auto manifest = JsonValue::whole(*text).member("weightsManifest");
  if (!manifest || manifest->kind() != JsonKind::kArray) {
    return other_form(path, "it has no weightsManifest");
  }
  bool is_sound = true;
  manifest->each_element([&](JsonValue group) { return is_sound = read_group(group, arrays); });
  return is_sound ? Status() : other_form(path, "its weightsManifest cannot be read");
}

// What the graph calls an array that each_array() names.
std::string name_in_graph(const std::string& name) {
  static const std::map<std::string, std::string> kNames = {
      {"attention norm scale", "layer_prepostprocess/layer_norm/layer_norm_scale"},
      {"attention norm bias", "layer_prepostprocess/layer_norm/layer_norm_bias"},
      {"attention in kernel", "MultiheadAttention/qkv_transform_single/kernel/part_0"},
      {"attention in bias", "MultiheadAttention/qkv_transform_single/bias"},
      {"attention out kernel", "MultiheadAttention/output_transform_single/kernel/part_0"},
      {"attention out bias", "MultiheadAttention/output_transform_single/bias"},
      {"inner norm scale", "FFN/layer_prepostprocess/layer_norm/layer_norm_scale"},
      {"inner norm bias", "FFN/layer_prepostprocess/layer_norm/layer_norm_bias"},
      {"inner in kernel", "FFN/conv1/Tensordot/Reshape_1"},
      {"inner in bias", "FFN/conv1/bias"},
      {"inner out kernel", "FFN/conv2/Tensordot/Reshape_1"},
      {"inner out bias", "FFN/conv2/bias"},
  };
  const std::string encode = "module_apply_default/Encoder_en/KonaTransformer/Encode/";
  if (name == "piece vectors") return "module/Embeddings_en";
  if (name == "timing rates") {
    return encode + "TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1";
  }
  if (name.starts_with("widen ")) {
    return encode + "Layer_0/TransformerLayer/dense/" + name.substr(6) + "/ConcatPartitions/concat";
  }
  if (name == "output kernel") return "module/Encoder_en/hidden_layers/tanh_layer_0/weights";
  if (name == "output bias") return "module/Encoder_en/hidden_layers/tanh_layer_0/bias";
  const std::string layer = "Layer_" + name.substr(6, 1) + "/TransformerLayer/";
  const std::string& part = kNames.at(name.substr(8));
  if (part.ends_with("part_0")) {
    return "module/Encoder_en/KonaTransformer/Encode/" + layer + part;
  }
  if (part.ends_with("Reshape_1")) return encode + "TransformerStack/" + layer + part;
  return encode + layer + part + "/ConcatPartitions/concat";
}

}  // namespace

Result<ModelWeights> read_npm_package(const fs::path& package) {
  const fs::path folder = package / "dist";
  ModelWeights weights;
  if (auto status = read_vocabulary(folder / "vocab.json", weights); !status) return status.error();
  const fs::path graph = folder / "model.json";
  Arrays arrays;
  if (auto status = read_manifest(graph, arrays); !status) return status.error();
  std::string bytes;
  for (const std::string& name : arrays.files) {
    auto part = bytes_of(folder / name);
    if (!part) return part.error();
    bytes += *part;
  }
  if (bytes.size() != arrays.count * sizeof(float)) {
    return other_form(graph, "its files have " + std::to_string(bytes.size()) +
                                 " bytes, its arrays " +
                                 std::to_string(arrays.count * sizeof(float)));
  }
  std::string missing;
  each_array(weights, [&](const std::string& name, std::vector<float>& floats, std::size_t count) {
    const auto place = arrays.places.find(name_in_graph(name));
    if (place == arrays.places.end() || place->second.count != count) {
      missing = name_in_graph(name);
      return;
    }
    floats.resize(count);
    std::memcpy(floats.data(), bytes.data() + place->second.first * sizeof(float),
                count * sizeof(float));
  });
  if (!missing.empty()) return other_form(graph, "the array " + missing + " is missing or changed");
  if (std::string rule = broken_rule(weights); !rule.empty()) return other_form(graph, rule);
  return weights;
}

}  // namespace tulving::embedding

namespace tulving {

Status convert_use_lite(const std::filesystem::path& package,
                        const std::filesystem::path& model_file) {
  const auto weights = embedding::read_npm_package(package);
  if (!weights) return weights.error();
  return embedding::write_model(model_file, *weights);
}

}  // namespace tulving
