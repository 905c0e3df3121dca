// A call takes some tens of microseconds, and now and then a program has to wait for others: little on an idle machine,
// long on a busy one. The order's number decides which of them it is.
#include "sim/turns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "model/net/bounded_time.hpp"

namespace netlimits::sim {
namespace {

// Choices, no rules: about what calls and waits take on a machine with two processors, idle and busy.
constexpr Duration least_call = std::chrono::microseconds(20);
constexpr Duration usual_call = std::chrono::microseconds(150);
constexpr std::array usual_waits{std::chrono::milliseconds(1), std::chrono::milliseconds(5),
                                 std::chrono::milliseconds(25), std::chrono::milliseconds(100)};
constexpr std::array usual_round_trips{std::chrono::microseconds(0), std::chrono::microseconds(300),
                                       std::chrono::microseconds(3000)};
constexpr std::size_t most_joined = 64;  // places whose every pair is given a path
constexpr std::uint32_t one_call_in_so_many_waits = 16;

}  // namespace

Turns::Turns(const Scenario& scenario, std::uint64_t number)
    : stream_(number, "turns"), number_(number), usual_wait_(usual_waits[number % usual_waits.size()]) {
  for (const Event& event : scenario.events) {
    events_.push_back(event.at);
    for (const auto& [name, balancer] : scenario.balancers) events_.push_back(later(event.at, balancer.notices_after));
  }
  if (scenario.end) events_.push_back(later(*scenario.end, Duration(1)));
  std::sort(events_.begin(), events_.end());
}

Duration Turns::some_time() {
  Duration takes = least_call + stream_.exponential(usual_call);
  if (stream_.bits() % one_call_in_so_many_waits == 0) takes += stream_.exponential(usual_wait_);
  return takes;
}

SimTime Turns::before_the_next_event(SimTime due, SimTime at) const {
  const auto next = std::upper_bound(events_.begin(), events_.end(), due);
  return next == events_.end() ? at : std::max(due, std::min(at, *next - Duration(1)));
}

SimTime Turns::turn_of(const Program& program, SimTime due) {
  SimTime& busy_until = busy_until_.try_emplace(program, time_zero).first->second;
  const SimTime at = before_the_next_event(due, later(std::max(due, busy_until), some_time()));
  busy_until = std::max(busy_until, at);
  return at;
}

SimTime Turns::some_time_after(SimTime due) { return before_the_next_event(due, later(due, some_time())); }

SimTime Turns::moment_of(std::uint32_t workload, SimTime due) const {
  constexpr std::uint64_t ways = 3;
  std::uint64_t way = number_;
  for (std::uint32_t i = 0; i < workload % 3; ++i) way /= ways;
  return before_the_next_event(due, later(due, Duration(static_cast<std::int64_t>(way % ways))));
}

Scenario with_round_trips_of(Scenario scenario, std::uint64_t number) {
  const Duration round_trip = usual_round_trips[number % usual_round_trips.size()];
  for (Path& path : scenario.paths) path.round_trip = std::max(path.round_trip, round_trip);
  if (!scenario.paths.empty()) return scenario;
  // Without paths all is one place.
  std::vector<std::string> places;
  for (const auto& [name, host] : scenario.hosts) places.push_back(name);
  for (const auto& [name, balancer] : scenario.balancers) places.push_back(name);
  for (const auto& [name, gateway] : scenario.gateways) places.push_back(name);
  if (places.size() > most_joined) return scenario;
  for (std::size_t a = 0; a < places.size(); ++a) {
    for (std::size_t b = a + 1; b < places.size(); ++b) scenario.paths.push_back({places[a], places[b], round_trip});
  }
  return scenario;
}

}  // namespace netlimits::sim
