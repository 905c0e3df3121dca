// Which limits are lifted together; the analysis says what is left.
#include "report/sentence/next_limit.hpp"

#include <algorithm>
#include <utility>

namespace netlimits::report {

using analysis::Binding;
using analysis::Capacity;
using analysis::Rung;

namespace {

bool is_part(const PlacedLimit& limit, const std::vector<Binding>& of) {
  return std::any_of(of.begin(), of.end(),
                     [&](const Binding& one) { return one.limit == limit.limit && one.place == limit.place; });
}

// What one setting lifts with the limit that a run names: the ports of a host are one range, whichever the destination.
std::set<PlacedLimit> lifted_with(const PlacedLimit& named, const Capacity& capacity) {
  std::set<PlacedLimit> lifted{named};
  const auto add = [&](const std::vector<Binding>& binding) {
    for (const Binding& one : binding) {
      if (named.limit != Limit::ephemeral_ports || one.limit != named.limit) continue;
      const HostPlace* mine = named.place.host();
      const HostPlace* other = one.place.host();
      if (mine != nullptr && other != nullptr && mine->name == other->name) lifted.insert({one.limit, one.place});
    }
  };
  add(capacity.binding);
  for (const Rung& rung : capacity.ladder) add(rung.binding);
  return lifted;
}

}  // namespace

bool only_unaccepted(const std::vector<Binding>& binding) {
  return std::all_of(binding.begin(), binding.end(),
                     [](const Binding& one) { return one.limit == Limit::listen_backlog; });
}

// Where nobody is accepted, those that wait are counted, and what refuses them.
std::optional<Rung> next_once_lifted(const Scenario& scenario, const std::set<PlacedLimit>& lifted,
                                     const Capacity& capacity) {
  const auto counted = !capacity.binding.empty() && only_unaccepted(capacity.binding) ? analysis::Counted::established
                                                                                      : analysis::Counted::accepted;
  const auto rung = analysis::once_lifted(scenario, lifted, counted);
  const bool any_again = rung && std::any_of(lifted.begin(), lifted.end(),
                                             [&](const PlacedLimit& one) { return is_part(one, rung->binding); });
  return any_again ? std::nullopt : rung;
}

// A run names one limit, and what is next is what binds without that one; the ladder lifts all at once that bind at
// once. Nothing, where the analysis does not know the limit.
std::optional<Rung> next_after(const Scenario& scenario, const PlacedLimit& binding, const Capacity& capacity) {
  const auto names_it = [&](const Rung& rung) { return is_part(binding, rung.binding); };
  const std::set<PlacedLimit> lifted = lifted_with(binding, capacity);
  const auto lifts = [&](const Binding& one) { return lifted.contains({one.limit, one.place}); };
  if (is_part(binding, capacity.binding)) {
    if (std::all_of(capacity.binding.begin(), capacity.binding.end(), lifts)) {
      const auto next = std::find_if_not(capacity.ladder.begin(), capacity.ladder.end(), names_it);
      return next == capacity.ladder.end() ? std::nullopt : std::optional(*next);
    }
  } else if (std::none_of(capacity.ladder.begin(), capacity.ladder.end(), names_it)) {
    return std::nullopt;
  }
  return next_once_lifted(scenario, lifted, capacity);
}

}  // namespace netlimits::report
