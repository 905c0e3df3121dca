// What short connections leave behind: TIME_WAIT at the side that closes first (RFC 9293, 3.6.1), which connect() may
// take over with net.ipv4.tcp_tw_reuse (net/ipv4/tcp_ipv4.c, tcp_twsk_unique()), and the time that each is held.
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <chrono>

namespace netlimits::analysis {
namespace {

constexpr std::string_view reuse_name = "net.ipv4.tcp_tw_reuse";

bool is_about_ports(const PlacedLimit& limit) {
  return is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple});
}

std::vector<DialPlace> reuse_against(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit) {
  if (!is_about_ports(limit)) return {};
  for (const Workload* user : users_of(scenario, wiring, limit)) {
    if (ends(*user) && user->closer == Closer::client) return its_host(limit);
  }
  return {};
}

std::optional<DialRange> reuse_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const HostGroup& host = host_at(scenario, place);
  if (!has_setting(host, reuse_name) || host.settings.time_wait_reuse == TimeWaitReuse::always) return std::nullopt;
  return DialRange{0, 1};
}

void turn_reuse(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t) {
  set(host_at(scenario, place), reuse_name, "1");
}

std::string reuse_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", static_cast<int>(host_at(scenario, place).settings.time_wait_reuse));
}

SettingLines reuse_settings(const Scenario& scenario, const DialPlace& place) {
  return {{std::string(reuse_name), reuse_value(scenario, place)}};
}

std::vector<DialPlace> closer_against(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit) {
  std::vector<DialPlace> places;
  if (!is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple, Limit::time_wait_buckets})) return places;
  for (const Workload* user : users_of(scenario, wiring, limit)) {
    if (ends(*user)) places.push_back({.workload = user->name});
  }
  return places;
}

std::optional<DialRange> closer_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const auto found = scenario.workloads.find(place.workload);
  if (found == scenario.workloads.end() || !ends(found->second) || found->second.closer != Closer::client)
    return std::nullopt;
  return DialRange{0, 1};
}

void turn_closer(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t) {
  scenario.workloads.at(place.workload).closer = Closer::server;
}

std::string closer_value(const Scenario& scenario, const DialPlace& place) {
  switch (scenario.workloads.at(place.workload).closer) {
    case Closer::client:
      return "client";
    case Closer::server:
      return "server";
    case Closer::reset:
      return "reset";
  }
  return "client";
}

// Whatever counts connections that are there at once.
std::vector<DialPlace> hold_against(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit) {
  std::vector<DialPlace> places;
  if (!is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple, Limit::fd_per_process, Limit::fd_per_host,
                               Limit::nat_ports, Limit::nat_block}))
    return places;
  for (const Workload* user : users_of(scenario, wiring, limit)) {
    if (ends(*user)) places.push_back({.workload = user->name});
  }
  return places;
}

Duration* time_of(Hold& hold) {
  if (auto* constant = std::get_if<HoldConstant>(&hold)) return &constant->time;
  if (auto* drawn = std::get_if<HoldExponential>(&hold)) return &drawn->mean;
  return nullptr;
}

constexpr Duration hold_step = std::chrono::milliseconds(1);

std::optional<DialRange> hold_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const auto found = scenario.workloads.find(place.workload);
  if (found == scenario.workloads.end()) return std::nullopt;
  Hold hold = found->second.hold;
  const Duration* const time = time_of(hold);
  if (time == nullptr || *time <= hold_step) return std::nullopt;
  return DialRange{0, static_cast<std::uint64_t>((*time - std::chrono::nanoseconds(1)) / hold_step)};
}

void turn_hold(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  *time_of(scenario.workloads.at(place.workload).hold) -= static_cast<std::int64_t>(figure) * hold_step;
}

std::string hold_value(const Scenario& scenario, const DialPlace& place) {
  Hold hold = scenario.workloads.at(place.workload).hold;
  return fmt::format("{} ms", *time_of(hold) / hold_step);
}

}  // namespace

Knob time_wait_reuse_knob() {
  return {.name = "time_wait_reuse",
          .unit = "",
          .cost = {.once = 2},
          .against = reuse_against,
          .range = reuse_range,
          .turn = turn_reuse,
          .value = reuse_value,
          .settings = reuse_settings};
}

Knob closer_knob() {
  return {.name = "closer",
          .unit = "",
          .cost = {.once = 8},
          .against = closer_against,
          .range = closer_range,
          .turn = turn_closer,
          .value = closer_value};
}

Knob hold_knob() {
  return {.name = "hold",
          .unit = "ms less",
          .cost = {.once = 10, .each = 1, .step = 1000},
          .for_rates_only = true,
          .against = hold_against,
          .range = hold_range,
          .turn = turn_hold,
          .value = hold_value};
}

}  // namespace netlimits::analysis
