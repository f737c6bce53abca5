#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"

namespace tulving::storage {

std::string encode_session(const Session& session) {
  auto& builder = thread_builder();
  const auto session_id = builder.CreateString(session.session_id);
  const auto session_type = builder.CreateString(session.session_type);
  const auto user_id = put_string(builder, session.user_id);
  const auto summary = put_string(builder, session.summary);
  const auto metadata = put_string(builder, session.metadata);
  return take_bytes(builder, fbs::CreateSession(
                                 builder, session.revision, session_id, user_id, session_type,
                                 summary, metadata, session.is_archived, to_fbs(session.created_at),
                                 to_fbs(session.updated_at), to_fbs(session.ended_at)));
}

Result<Session> decode_session(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Session>(aligned.get());
  if (row == nullptr) return corrupt_row("session", "its bytes are not a record");
  for (const auto* text :
       {row->session_id(), row->user_id(), row->session_type(), row->summary(), row->metadata()}) {
    if (text != nullptr && !is_text(text)) return corrupt_row("session", "a text is not UTF-8");
  }
  if (!is_time(row->created_at()) || !is_time(row->updated_at()) || !is_time(row->ended_at())) {
    return corrupt_row("session", "a time is out of range");
  }
  Session session;
  session.session_id = view(row->session_id());
  session.user_id = view(row->user_id());
  session.session_type = view(row->session_type());
  session.summary = view(row->summary());
  session.metadata = view(row->metadata());
  session.is_archived = row->is_archived();
  session.created_at = time_from_fbs(row->created_at());
  session.updated_at = time_from_fbs(row->updated_at());
  session.ended_at = time_from_fbs(row->ended_at());
  session.revision = row->revision();
  if (session.session_id.empty()) return corrupt_row("session", "its session_id is empty");
  return session;
}

std::string encode_relation(const Relation& relation) {
  auto& builder = thread_builder();
  const auto relation_type = builder.CreateString(relation.relation_type);
  const auto metadata = put_string(builder, relation.metadata);
  const fbs::Id id = to_fbs(relation.id);
  const fbs::Id source = to_fbs(relation.source_id);
  const fbs::Id target = to_fbs(relation.target_id);
  const auto confidence = relation.confidence ? flatbuffers::Optional<float>(*relation.confidence)
                                              : flatbuffers::nullopt;
  return take_bytes(builder, fbs::CreateRelation(builder, relation.revision, &id, &source, &target,
                                                 relation_type, relation.strength, confidence,
                                                 metadata, to_fbs(relation.created_at)));
}

Result<Relation> decode_relation(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Relation>(aligned.get());
  if (row == nullptr) return corrupt_row("relation", "its bytes are not a record");
  if (!is_text(row->relation_type()) || !is_text(row->metadata())) {
    return corrupt_row("relation", "a text is not UTF-8");
  }
  const auto is_share = [](float value) { return value >= 0.0F && value <= 1.0F; };  // NaN fails.
  if (!is_share(row->strength()) || (row->confidence() && !is_share(*row->confidence()))) {
    return corrupt_row("relation", "a number is out of range");
  }
  if (!is_time(row->created_at())) return corrupt_row("relation", "a time is out of range");
  Relation relation;
  relation.id = from_fbs(row->id());
  relation.source_id = from_fbs(row->source_id());
  relation.target_id = from_fbs(row->target_id());
  relation.relation_type = view(row->relation_type());
  relation.strength = row->strength();
  if (row->confidence()) relation.confidence = *row->confidence();
  relation.metadata = view(row->metadata());
  relation.created_at = time_from_fbs(row->created_at());
  relation.revision = row->revision();
  return relation;
}

}  // namespace tulving::storage
