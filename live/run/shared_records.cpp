// Allocates the shared arrays, each as long as the run needs.
#include "live/run/shared_records.hpp"

#include <ctime>
#include <utility>

namespace netlimits::live {

SystemResult<SharedRecords> SharedRecords::of(const Size& size) {
  auto run = SharedArray<RunRecord>::of(1);
  if (!run) return tl::unexpected(run.error());
  auto worker_records = SharedArray<WorkerRecord>::of(size.workers);
  if (!worker_records) return tl::unexpected(worker_records.error());
  auto workload_records = SharedArray<WorkloadRecord>::of(size.workloads);
  if (!workload_records) return tl::unexpected(workload_records.error());
  auto listener_records = SharedArray<ListenerRecord>::of(size.listeners);
  if (!listener_records) return tl::unexpected(listener_records.error());
  auto namespace_records = SharedArray<NamespaceRecord>::of(size.namespaces);
  if (!namespace_records) return tl::unexpected(namespace_records.error());
  auto back_end_records = SharedArray<BackEndRecord>::of(size.back_ends);
  if (!back_end_records) return tl::unexpected(back_end_records.error());
  auto gateway_pool_records = SharedArray<GatewayPoolRecord>::of(size.gateway_pools);
  if (!gateway_pool_records) return tl::unexpected(gateway_pool_records.error());
  auto table_records = SharedArray<TableRecord>::of(size.tables);
  if (!table_records) return tl::unexpected(table_records.error());
  auto failure_records = SharedArray<FailureRecord>::of(most_failure_kinds);
  if (!failure_records) return tl::unexpected(failure_records.error());
  auto pool_records = SharedArray<PoolRecord>::of(most_pools);
  if (!pool_records) return tl::unexpected(pool_records.error());
  auto share_records = SharedArray<ShareRecord>::of(size.workers * size.workloads);
  if (!share_records) return tl::unexpected(share_records.error());
  auto window_records = SharedArray<WindowRecord>::of(size.windows * size.workloads);
  if (!window_records) return tl::unexpected(window_records.error());
  auto program_output = SharedArray<FixedText<4096>>::of(size.user_programs);
  if (!program_output) return tl::unexpected(program_output.error());
  return SharedRecords{std::move(*run),
                       std::move(*worker_records),
                       std::move(*workload_records),
                       std::move(*listener_records),
                       std::move(*namespace_records),
                       std::move(*back_end_records),
                       std::move(*gateway_pool_records),
                       std::move(*table_records),
                       std::move(*failure_records),
                       std::move(*pool_records),
                       std::move(*share_records),
                       std::move(*window_records),
                       std::move(*program_output)};
}

std::int64_t monotonic_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace netlimits::live
