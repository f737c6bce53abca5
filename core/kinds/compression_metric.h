#pragma once

#include "core/kinds/kind.h"
#include "tulving/tasks.h"

namespace tulving::kinds {

template <>
struct Kind<CompressionMetric> {
  static constexpr std::string_view name = "compression_metric", noun = "compression metric",
                                    plural = "compression_metrics";
  static constexpr RecordKind number = RecordKind::kCompressionMetric;
  static constexpr ByCallersId<&CompressionMetric::metric_id> key{};
  static constexpr std::tuple fields{
      field<1, &CompressionMetric::metric_id>("metric_id", "Its id: your own, or a UUID", text(64)),
      field<2, &CompressionMetric::task_id>("task_id", "The task", text(64)),
      field<3, &CompressionMetric::stage_id>("stage_id", "The stage", text(64)),
      field<4, &CompressionMetric::compression_type>(
          "compression_type", "What was compressed, and how", kinds::name(50)),
      field<5, &CompressionMetric::input_tokens>("input_tokens", "Before", not_negative()),
      field<6, &CompressionMetric::output_tokens>("output_tokens", "After", not_negative()),
      field<7, &CompressionMetric::compression_ratio>("compression_ratio", "Before to after"),
      field<8, &CompressionMetric::critical_fact_retention_rate>("critical_fact_retention_rate",
                                                                 "What share was kept"),
      field<9, &CompressionMetric::coherence_score>("coherence_score", "How well it reads"),
      field<10, &CompressionMetric::cost_usd>("cost_usd", "What it cost", between(0, 999999.9999)),
      field<11, &CompressionMetric::model_used>("model_used", "What did it", kinds::name(100)),
      field<12, &CompressionMetric::recorded_at>("recorded_at", "When it was recorded")
          .used(Use::kCreated),
      stored<0, &CompressionMetric::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&CompressionMetric::task_id, Task>(MustExist::kYes, WhenGone::kClear),
      reference<&CompressionMetric::stage_id, Stage>(MustExist::kYes, WhenGone::kClear),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
