#include "token_service/stats_rpc.h"

#include "token_service/proto_convert.h"

namespace tokens {

namespace pb = ::didpic::token::v1;

grpc::ServerUnaryReactor* StatsRpc::GetStats(grpc::CallbackServerContext* context, const pb::GetStatsRequest*,
                                             pb::GetStatsResponse* response) {
  return calls_.RunOn(lane_, context, "GetStats", [this, response](CallNotes*) -> absl::Status {
    Fill(response);
    return absl::OkStatus();
  });
}

void StatsRpc::Fill(pb::GetStatsResponse* response) const {
  const ProgramMetrics& program = metrics_.program();
  response->set_version(TOKENS_VERSION);
  ToProto(program.start(), response->mutable_start_time());
  const ProgramMetrics::PolicyVersion policy = program.policy();
  response->set_policy_digest(policy.digest);
  ToProto(policy.loaded, response->mutable_policy_load_time());
  const storage::StoreStats stats = store_.ReadStats();
  response->set_live_tokens(static_cast<int64_t>(stats.live_tokens));
  if (const auto backup = metrics_.last_backup()) ToProto(*backup, response->mutable_last_backup_time());
  if (!stats.disk.has_value()) return;
  pb::StoreStats* store = response->mutable_store();
  if (stats.disk->size.has_value()) store->set_size_bytes(static_cast<int64_t>(*stats.disk->size));
  if (stats.disk->free_space.has_value()) store->set_free_bytes(static_cast<int64_t>(*stats.disk->free_space));
  store->set_free_reserve_bytes(static_cast<int64_t>(stats.disk->free_space_reserve));
  store->set_compaction_pending_bytes(static_cast<int64_t>(stats.disk->compaction_pending));
}

}  // namespace tokens
