#ifndef TOKEN_SERVICE_METRIC_NAMES_H_
#define TOKEN_SERVICE_METRIC_NAMES_H_

namespace tokens::metric {

// The metrics of token_service besides those of both programs (base/metric_names.h); docs/metrics.md says what each is,
// and a test holds the page to the program.
inline constexpr char kRpcRequests[] = "didpic_rpc_requests_total";
inline constexpr char kRpcDuration[] = "didpic_rpc_duration_seconds";
inline constexpr char kRpcInFlight[] = "didpic_rpc_in_flight";
inline constexpr char kVerdicts[] = "didpic_validate_verdicts_total";
inline constexpr char kTokensMinted[] = "didpic_tokens_minted_total";
inline constexpr char kTokensRevoked[] = "didpic_tokens_revoked_total";
inline constexpr char kLiveTokens[] = "didpic_live_tokens";
inline constexpr char kStoreWalSync[] = "didpic_store_wal_sync_seconds";
inline constexpr char kStoreErrors[] = "didpic_store_errors_total";
inline constexpr char kStoreFree[] = "didpic_store_free_bytes";
inline constexpr char kStoreFreeReserve[] = "didpic_store_free_reserve_bytes";
inline constexpr char kStoreSize[] = "didpic_store_size_bytes";
inline constexpr char kStoreCacheHits[] = "didpic_store_block_cache_hits_total";
inline constexpr char kStoreCacheMisses[] = "didpic_store_block_cache_misses_total";
inline constexpr char kStoreCompactionPending[] = "didpic_store_compaction_pending_bytes";
inline constexpr char kBackupLastSuccess[] = "didpic_backup_last_success_timestamp_seconds";

}  // namespace tokens::metric

#endif  // TOKEN_SERVICE_METRIC_NAMES_H_
