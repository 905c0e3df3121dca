// Why SYNs of connections that are under way were dropped: what their clients are told of it, or nobody.
#include "sim/client_programs.hpp"

namespace netlimits::sim {

std::optional<DropReason> ClientPrograms::take_drop_reason(const FourTuple& tuple) {
  if (drop_reasons_.empty()) return std::nullopt;
  const auto found = drop_reasons_.find(tuple);
  if (found == drop_reasons_.end()) return std::nullopt;
  const DropReason reason = found->second;
  drop_reasons_.erase(found);
  return reason;
}

void ClientPrograms::on_drop(const FourTuple& tuple, DropReason reason) {
  reason.first_at = network_.now();
  const auto [known, is_new] = drop_reasons_.try_emplace(tuple, reason);
  if (is_new) return;
  known->second.limit = reason.limit;
  known->second.answered = reason.answered;
  known->second.place = reason.place;
}

void ClientPrograms::note_untold(const Attempt& attempt) {
  const Endpoint& destination = destination_of(attempt);
  const auto found = drop_reasons_.find({attempt.local, destination});
  if (found == drop_reasons_.end()) return;
  const ClientWorkload& workload = workloads_[attempt.wish.workload];
  const DropReason& why = found->second;
  measurements_.untold(workload.placed(why.limit, attempt.local.address, destination, why.place), why);
}

void ClientPrograms::over() {
  if (drop_reasons_.empty()) return;
  for (const Attempt& attempt : attempts_) {
    if (attempt.stage == Stage::connecting) note_untold(attempt);
  }
}

}  // namespace netlimits::sim
