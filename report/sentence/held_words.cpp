// A client cannot tell whether its server has accepted it; the sums of both sides can.
#include "report/sentence/held_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "report/forms/number_text.hpp"

namespace netlimits::report {

HeldByARun held_by(const RunResult& result) {
  HeldByARun held{.peak = result.held_peak};
  std::uint64_t established = 0;
  std::uint64_t at_servers = 0;
  for (const auto& [name, workload] : result.workloads) {
    held.lost += workload.lost;
    established += workload.established;
  }
  for (const auto& [name, host] : result.hosts) {
    for (const auto& [process_name, process] : host.processes) {
      held.waiting += process.queued_at_end;
      at_servers += process.accepted + process.queued_at_end;
    }
  }
  const std::uint64_t unheard = established - std::min(established, at_servers);
  held.never_had = std::min(result.believed_at_end, unheard);
  // Some of the lost ones may be among them; of those it is said that they were lost.
  held.believed_for_a_time = unheard - std::min(unheard, held.never_had + held.lost);
  held.had_before = result.believed_at_end - std::min(result.believed_at_end, unheard);
  return held;
}

namespace {

const char* clients(std::uint64_t of) { return of == 1 ? "its client" : "their clients"; }

}  // namespace

std::string held_words(const HeldByARun& held) {
  std::string text = counted(held.peak, "connections");
  std::vector<std::string> beside;
  if (held.waiting > 0)
    beside.push_back(
        fmt::format("{} more {} for accept()", grouped(held.waiting), held.waiting == 1 ? "waits" : "wait"));
  if (held.never_had > 0)
    beside.push_back(fmt::format("{} more that only {} know{}", grouped(held.never_had), clients(held.never_had),
                                 held.never_had == 1 ? "s" : ""));
  if (held.believed_for_a_time > 0)
    beside.push_back(fmt::format("{} more for a time that only {} knew", grouped(held.believed_for_a_time),
                                 clients(held.believed_for_a_time)));
  if (held.had_before > 0)
    beside.push_back(fmt::format("{} at the end only for {}", grouped(held.had_before), clients(held.had_before)));
  if (!beside.empty()) text += fmt::format(" ({})", fmt::join(beside, ", "));
  if (held.lost > 0) text += fmt::format(", {} lost", grouped(held.lost));
  return text;
}

}  // namespace netlimits::report
