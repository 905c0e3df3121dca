// The accept queue: the smaller of what the program asks for and what the system grants counts (net/socket.c,
// __sys_listen(); the rule is in model/tcp/).
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t most_queued = 1U << 20U;
constexpr std::uint64_t most_queued_of_a_short = 32767;

std::vector<DialPlace> backlog_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::listen_backlog ? its_process(limit) : std::vector<DialPlace>{};
}

std::optional<std::uint64_t> least_backlog(const Process& process) {
  std::optional<std::uint64_t> least;
  for (const Listener& listener : process.listeners) {
    // A negative one is as large as can be.
    if (listener.backlog < 0) continue;
    least = std::min(least.value_or(most_queued), static_cast<std::uint64_t>(listener.backlog));
  }
  return least;
}

std::optional<DialRange> backlog_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const Process* const process = process_at(scenario, place);
  const auto least = process == nullptr ? std::nullopt : least_backlog(*process);
  if (!least) return std::nullopt;
  return DialRange{*least, most_queued};
}

void turn_backlog(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  for (Listener& listener : process_at(scenario, place).listeners) {
    if (listener.backlog >= 0) listener.backlog = std::max(listener.backlog, static_cast<std::int64_t>(figure));
  }
}

std::string backlog_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", least_backlog(*process_at(scenario, place)).value_or(0));
}

std::string_view name_of_somaxconn(const HostGroup& host) {
  if (host.profile->system == "linux") return "net.core.somaxconn";
  return has_setting(host, "kern.ipc.soacceptqueue") ? "kern.ipc.soacceptqueue" : "kern.ipc.somaxconn";
}

std::vector<DialPlace> somaxconn_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::listen_backlog ? its_host(limit) : std::vector<DialPlace>{};
}

std::optional<DialRange> somaxconn_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const HostGroup& host = host_at(scenario, place);
  if (!has_setting(host, name_of_somaxconn(host))) return std::nullopt;
  return DialRange{host.settings.somaxconn, host.profile->system == "linux" ? most_queued : most_queued_of_a_short};
}

void turn_somaxconn(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  HostGroup& host = host_at(scenario, place);
  set(host, name_of_somaxconn(host), fmt::format("{}", figure));
}

std::string somaxconn_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", host_at(scenario, place).settings.somaxconn);
}

SettingLines somaxconn_settings(const Scenario& scenario, const DialPlace& place) {
  return {{std::string(name_of_somaxconn(host_at(scenario, place))), somaxconn_value(scenario, place)}};
}

}  // namespace

Knob backlog_knob() {
  return {.name = "backlog",
          .unit = "places",
          .cost = {.once = 3},
          .against = backlog_against,
          .range = backlog_range,
          .turn = turn_backlog,
          .value = backlog_value};
}

Knob somaxconn_knob() {
  return {.name = "somaxconn",
          .unit = "places",
          .cost = {.once = 1},
          .against = somaxconn_against,
          .range = somaxconn_range,
          .turn = turn_somaxconn,
          .value = somaxconn_value,
          .settings = somaxconn_settings};
}

}  // namespace netlimits::analysis
