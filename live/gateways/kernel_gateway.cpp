// The rules as nft reads them, the time-outs as sysctls, the counters as /proc/net/stat/nf_conntrack prints them.
#include "live/gateways/kernel_gateway.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "live/gateways/kernel_table.hpp"
#include "live/sandbox/conntrack.hpp"
#include "live/sandbox/nft.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/path/nat_port_search.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::live {
namespace {

// What the kernel keeps whole seconds of.
struct KernelTime {
  const char* setting;
  std::optional<Duration> NatSettings::*of;
};
constexpr KernelTime kernel_times[] = {
    {"net.netfilter.nf_conntrack_tcp_timeout_time_wait", &NatSettings::hold_after_close},
    {"net.netfilter.nf_conntrack_tcp_timeout_close", &NatSettings::hold_after_reset},
    {"net.netfilter.nf_conntrack_tcp_timeout_close_wait", &NatSettings::half_closed},
    {"net.netfilter.nf_conntrack_tcp_timeout_syn_sent", &NatSettings::half_open},
};

std::optional<std::string> why_not(const Scenario& scenario, const Gateway& gateway) {
  const NatSettings& nat = gateway.nat;
  if (nat.port_choice != NatPortChoice::kept_or_searched || nat.when_full != NatWhenFull::silence)
    return fmt::format("{}: a kernel gives ports as linux-masquerade does, and in no other way", gateway.name);
  if (nat.hold_after_refusal != Duration::zero())
    return fmt::format("{}: a kernel forgets at once who was refused", gateway.name);
  for (const KernelTime& time : kernel_times) {
    const Duration wanted = (nat.*time.of).value_or(std::chrono::seconds(0));
    if (wanted < std::chrono::seconds(1) || wanted % std::chrono::seconds(1) != Duration::zero())
      return fmt::format("{}: {} is a number of whole seconds", gateway.name, time.setting);
  }
  std::uint64_t connections = 0;
  bool some_end = false;
  for (const auto& [name, workload] : scenario.workloads) {
    connections += workload.connections;
    some_end = some_end || !std::holds_alternative<HoldForever>(workload.hold);
  }
  if (some_end && connections > nat.ports.size().value)
    return fmt::format("{}: chance decides who gets the port of a connection that is over", gateway.name);
  if (nat_search_rounds(nat.ports.size().value) > 1 && connections > nat_most_tests_of_a_round)
    return fmt::format("{}: in a range of more than {} ports chance decides which SYN finds one", gateway.name,
                       nat_most_tests_of_a_round);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> why_no_gateway(const Scenario& scenario) {
  if (scenario.gateways.empty()) return std::nullopt;
  if (!nft_exists()) return "a gateway needs the program nft, which is not installed";
  // One entry of connection tracking would be rewritten at both ends: what is unique is the back end's view.
  if (!scenario.balancers.empty()) return "a gateway and a balancer are not made on one kernel";
  for (const auto& [name, gateway] : scenario.gateways) {
    if (auto why = why_not(scenario, gateway)) return why;
    for (const auto& [other, same] : scenario.gateways) {
      for (const KernelTime& time : kernel_times) {
        if (same.nat.*time.of != gateway.nat.*time.of)
          return fmt::format("{} and {} keep ports for other times: a kernel has one for all", name, other);
      }
    }
  }
  return std::nullopt;
}

std::vector<GatewayPool> gateway_pools(const Scenario& scenario, const Wiring& wiring) {
  std::vector<GatewayPool> pools;
  for (const auto& [name, workload] : scenario.workloads) {
    for (const Endpoint& to : workload.to) {
      const Gateway* const gateway = wiring.of(workload.from_host, to).gateway;
      if (gateway == nullptr || pool_of(pools, wiring, workload.from_host, to) != nullptr) continue;
      pools.push_back({gateway, to, gateway_limit(*gateway, scenario.hosts.at(workload.from_host), to),
                       gateway->nat.of_one_address()});
    }
  }
  return pools;
}

const GatewayPool* pool_of(const std::vector<GatewayPool>& pools, const Wiring& wiring, std::string_view client_group,
                           const Endpoint& destination) {
  const Gateway* const gateway = wiring.of(client_group, destination).gateway;
  const auto found = std::find_if(pools.begin(), pools.end(), [&](const GatewayPool& pool) {
    return pool.gateway == gateway && pool.destination == destination;
  });
  return found == pools.end() ? nullptr : &*found;
}

SystemResult<void> make_gateway(const Gateway& gateway, const std::vector<AddressBlock>& inside) {
  std::string rules =
      "add table inet netlimits_nat\n"
      "add chain inet netlimits_nat postrouting { type nat hook postrouting priority 100; policy accept; }\n";
  for (const IpAddress& address : gateway.addresses) {
    std::string elements;
    for (const AddressBlock& block : inside) {
      if (block.address.family() == address.family())
        elements += fmt::format("{}{}", elements.empty() ? "" : ", ", block.text());
    }
    if (elements.empty()) continue;
    const bool v4 = address.is_v4();
    rules += fmt::format(
        "add rule inet netlimits_nat postrouting {0} saddr {{ {1} }} {0} daddr != {{ {1} }} meta l4proto tcp snat {0} "
        "to "
        "{2}:{3}-{4}\n",
        v4 ? "ip" : "ip6", elements, v4 ? address.text() : fmt::format("[{}]", address.text()),
        gateway.nat.ports.first.value, gateway.nat.ports.last.value);
  }
  if (auto done = run_nft(rules); !done) return done;
  for (const KernelTime& time : kernel_times) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*(gateway.nat.*time.of)).count();
    if (auto done = write_sysctl(time.setting, std::to_string(seconds)); !done) return done;
  }
  return {};
}

SystemResult<std::vector<std::uint64_t>> ports_in_use(const std::vector<GatewayPool>& pools) {
  std::vector<std::uint64_t> counts(pools.size());
  auto done = each_tracked_flow([&](const TrackedFlow& flow) {
    for (std::size_t i = 0; i < pools.size(); ++i) {
      const auto& own = pools[i].gateway->addresses;
      if (flow.client.remote == pools[i].destination &&
          std::find(own.begin(), own.end(), flow.answer.remote.address) != own.end())
        ++counts[i];
    }
  });
  if (!done) return tl::unexpected(done.error());
  return counts;
}

SystemResult<std::uint64_t> found_no_port() { return tracking_counter("insert_failed"); }

}  // namespace netlimits::live
