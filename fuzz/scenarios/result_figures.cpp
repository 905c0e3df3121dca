#include "fuzz/scenarios/result_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace netlimits::fuzz {
namespace {

constexpr std::uint64_t most_seeds = 20;

std::uint64_t nanoseconds(SimTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

void add_workload(Figures& into, const std::string& at, const WorkloadResult& of) {
  into[at + "/attempted"] = of.attempted;
  into[at + "/established"] = of.established;
  into[at + "/failed"] = of.failed;
  into[at + "/open_at_end"] = of.open_at_end;
  into[at + "/peak_open"] = of.peak_open;
  into[at + "/lost"] = of.lost;
  into[at + "/reconnected"] = of.reconnected;
  into[at + "/pending_at_end"] = of.pending_at_end;
  for (const Failure& failure : of.failures) {
    const std::string kind = fmt::format("{}/failures/{} {} at {}", at, name_of(failure.limit), name_of(failure.error),
                                         failure.place.text());
    into[kind + "/count"] += failure.count;
    into[kind + "/first_at"] = nanoseconds(failure.first_at);
    into[kind + "/first_after_established"] = failure.first_after_established;
  }
  for (std::size_t i = 0; i < of.windows.size(); ++i) {
    const std::string window = fmt::format("{}/windows/{}", at, i);
    into[window + "/attempted"] = of.windows[i].attempted;
    into[window + "/established"] = of.windows[i].established;
    into[window + "/failed"] = of.windows[i].failed;
  }
}

void add_host(Figures& into, const std::string& at, const HostResult& of) {
  into[at + "/time_wait_peak"] = of.time_wait_peak;
  into[at + "/time_wait_at_end"] = of.time_wait_at_end;
  into[at + "/listen_overflows"] = of.listen_overflows;
  into[at + "/listen_drops"] = of.listen_drops;
  into[at + "/syncookies_sent"] = of.syncookies_sent;
  into[at + "/time_wait_overflows"] = of.time_wait_overflows;
  for (const auto& [name, process] : of.processes) {
    const std::string in = fmt::format("{}/processes/{}", at, name);
    into[in + "/accepted"] = process.accepted;
    into[in + "/accepted_least"] = process.accepted_least;
    into[in + "/accepted_most"] = process.accepted_most;
    into[in + "/refused_accepts"] = process.refused_accepts;
    into[in + "/descriptors_peak"] = process.descriptors_peak;
    into[in + "/descriptors_limit"] = process.descriptors_limit;
    into[in + "/queued_at_end"] = process.queued_at_end;
  }
}

std::string claimed_at(const std::string& list, const ClaimedLimit& one) {
  return fmt::format("{}/{} at {}", list, name_of(one.limit), one.place.text());
}

void add_bound(Figures& into, const std::string& list, const std::vector<ClaimedLimit>& bound) {
  for (const ClaimedLimit& one : bound) {
    const std::string at = claimed_at(list, one);
    into[at + "/least"] = one.least;
    into[at + "/most"] = one.most;
    into[at + "/binds"] = 1;
  }
}

std::string in_words(const std::string& name, std::uint64_t here, std::uint64_t there) {
  return fmt::format("{}: {}, there {}", name, here, there);
}

std::uint64_t value_of(const Figures& figures, const std::string& name) {
  const auto found = figures.find(name);
  return found == figures.end() ? 0 : found->second;
}

// What a figure was for several seeds.
struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

class Ranges {
 public:
  void add(const Figures& figures) {
    for (const auto& [name, value] : figures) {
      // One that comes up later was 0 before.
      const std::uint64_t before = seeds_ == 0 ? value : 0;
      Range& range = ranges_.try_emplace(name, Range{before, before}).first->second;
      range.most = std::max(range.most, value);
    }
    for (auto& [name, range] : ranges_) range.least = std::min(range.least, value_of(figures, name));
    ++seeds_;
  }

  Range of(const std::string& name) const {
    const auto found = ranges_.find(name);
    return found == ranges_.end() ? Range{} : found->second;
  }
  const std::map<std::string, Range>& all() const { return ranges_; }

 private:
  std::map<std::string, Range> ranges_{};
  std::uint64_t seeds_ = 0;
};

std::optional<std::string> first_apart(const Ranges& one, const Ranges& other) {
  std::set<std::string> names;
  for (const auto& [name, range] : one.all()) names.insert(name);
  for (const auto& [name, range] : other.all()) names.insert(name);
  for (const std::string& name : names) {
    const Range here = one.of(name);
    const Range there = other.of(name);
    if (here.most >= there.least && there.most >= here.least) continue;
    if (here.least == here.most && there.least == there.most) return in_words(name, here.least, there.least);
    return fmt::format("{}: {} to {}, there {} to {}", name, here.least, here.most, there.least, there.most);
  }
  return std::nullopt;
}

}  // namespace

Figures figures_of(const RunResult& result) {
  Figures figures{{"ended_at", nanoseconds(result.ended_at)},
                  {"held_peak", result.held_peak},
                  {"believed_at_end", result.believed_at_end}};
  for (const auto& [name, workload] : result.workloads)
    add_workload(figures, fmt::format("workloads/{}", name), workload);
  for (const auto& [name, host] : result.hosts) add_host(figures, fmt::format("hosts/{}", name), host);
  for (const auto& [name, back_ends] : result.balancers) {
    for (const BackEndResult& one : back_ends) {
      const std::string at = fmt::format("balancers/{}/{}", name, one.endpoint);
      figures[at + "/connections"] = one.connections;
      figures[at + "/open_at_end"] = one.open_at_end;
    }
  }
  for (const LimitUse& use : result.limits) {
    const std::string at = fmt::format("limits/{} at {}", name_of(use.limit), use.place.text());
    figures[at + "/capacity"] = use.capacity;
    figures[at + "/peak"] = use.peak;
    figures[at + "/exhausted"] = use.exhausted ? 1 : 0;
    if (use.first_exhausted_at) figures[at + "/first_exhausted_at"] = nanoseconds(*use.first_exhausted_at);
  }
  if (result.binding)
    figures[fmt::format("binding_limit/{} at {}", name_of(result.binding->limit), result.binding->place.text())] = 1;
  return figures;
}

Figures figures_of(const CapacityClaim& claim) {
  Figures figures{{"capacity/least", claim.accepted_least},
                  {"capacity/most", claim.accepted_most},
                  {"established/least", claim.established_least},
                  {"established/most", claim.established_most}};
  add_bound(figures, "binding", claim.binding);
  add_bound(figures, "refusing", claim.refusing);
  for (std::size_t i = 0; i < claim.ladder.size(); ++i) {
    const std::string at = fmt::format("ladder/{}", i);
    figures[at + "/least"] = claim.ladder[i].least;
    figures[at + "/most"] = claim.ladder[i].most;
    for (const ClaimedLimit& one : claim.ladder[i].binding) figures[claimed_at(at, one) + "/binds"] = 1;
  }
  return figures;
}

Figures sums_of(const RunResult& result) {
  Figures sums;
  for (const auto& [name, workload] : result.workloads) {
    sums["attempted"] += workload.attempted;
    sums["established"] += workload.established;
    sums["failed"] += workload.failed;
    sums["open_at_end"] += workload.open_at_end;
    sums["lost"] += workload.lost;
    sums["reconnected"] += workload.reconnected;
    sums["pending_at_end"] += workload.pending_at_end;
    for (const Failure& failure : workload.failures)
      sums[fmt::format("failures/{} {}", name_of(failure.limit), name_of(failure.error))] += failure.count;
  }
  for (const auto& [name, host] : result.hosts) {
    sums["time_wait_at_end"] += host.time_wait_at_end;
    sums["listen_overflows"] += host.listen_overflows;
    for (const auto& [program, process] : host.processes) {
      sums["accepted"] += process.accepted;
      sums["queued_at_end"] += process.queued_at_end;
    }
  }
  return sums;
}

Figures renamed(const Figures& figures, const std::function<std::string(const std::string&)>& rename) {
  if (!rename) return figures;
  Figures made;
  for (const auto& [name, value] : figures) {
    if (const std::string as = rename(name); !as.empty()) made[as] += value;
  }
  return made;
}

std::optional<std::string> first_difference(const Figures& one, const Figures& other) {
  std::set<std::string> names;
  for (const auto& [name, value] : one) names.insert(name);
  for (const auto& [name, value] : other) names.insert(name);
  for (const std::string& name : names) {
    const std::uint64_t here = value_of(one, name);
    const std::uint64_t there = value_of(other, name);
    if (here != there) return in_words(name, here, there);
  }
  return std::nullopt;
}

std::optional<std::string> difference_beyond_chance(const std::function<Figures(std::uint64_t seed)>& one,
                                                    const std::function<Figures(std::uint64_t seed)>& other,
                                                    std::uint64_t first_seed) {
  Ranges here;
  Ranges there;
  std::optional<std::string> apart;
  for (std::uint64_t i = 0; i < most_seeds; ++i) {
    here.add(one(first_seed + i));
    there.add(other(first_seed + i));
    apart = first_apart(here, there);
    if (!apart) return std::nullopt;
  }
  return apart;
}

}  // namespace netlimits::fuzz
