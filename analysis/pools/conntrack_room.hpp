// Tables of tracked connections: how many connections they let through, and who shares which table.
//
// A connection that is open has one entry. So has, for a while, a SYN that nobody answers: where what goes through a
// table comes to several places of which one turns its SYNs away in silence, those may have the entries that others
// want. Where all goes to one listener, it is full for all or for nobody.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/churn/rate.hpp"
#include "analysis/interval.hpp"
#include "analysis/network_question.hpp"
#include "model/path/conntrack_settings.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// A table, or those that each host of a group has.
struct TrackedPlace {
  PlacedLimit limit{};
  const HostGroup* host = nullptr;  // whose hosts have it; null: it is the gateway's
  const Gateway* gateway = nullptr;
  ConntrackSettings table{};
  bool one_end = false;                          // all that it lets through goes to one listener
  std::map<std::string, WaysThere> workloads{};  // whose connections go through it, and so many of these

  std::uint64_t tables() const { return host == nullptr ? 1 : host->count; }
  // Of all its tables together; how connections are spread over them is known of those that begin there.
  Interval entries(bool begin_there) const;
};

class TrackedPlaces {
 public:
  TrackedPlaces(const Scenario& scenario, const Wiring& wiring);

  const std::vector<TrackedPlace>& all() const { return places_; }
  const TrackedPlace* at(const HostGroup& host) const;
  const TrackedPlace* at(const Gateway& gateway) const;
  // Null: the group's hosts are behind none that has a table.
  const TrackedPlace* before(const HostGroup& host) const;
  std::set<PlacedLimit> limits() const;
  // May unanswered SYNs take entries that others want?
  bool some_have_several_ends() const;
  // Is one of those that bind too small for so many connections?
  bool may_run_short(std::uint64_t asked, const LiftedLimits& lifted) const;

 private:
  std::vector<TrackedPlace> places_{};
  std::map<const HostGroup*, std::size_t> of_host_{};
  std::map<const Gateway*, std::size_t> of_gateway_{};
  std::map<const HostGroup*, std::size_t> before_{};
};

// Entries of one table that connections may have, where `asked` want one.
Interval entries_left(const TrackedPlace& place, std::uint64_t asked, const NetworkQuestion& question);

// Do so many connections go through some table, one after the other, that it can be full of those that are over?
bool tables_may_run_short_after_close(const Scenario& scenario);

}  // namespace netlimits::analysis
