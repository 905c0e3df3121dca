// Rules as nft reads them, time-outs as sysctls, entries of nobody through ctnetlink.
#include "live/gateways/kernel_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "live/sandbox/conntrack.hpp"
#include "live/sandbox/nft.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::live {
namespace {

// About 250 bytes each, which the kernel takes from the whole machine.
constexpr std::uint64_t most_entries_of_nobody = 1'500'000;

struct TableTime {
  const char* setting;
  Duration ConntrackSettings::*of;
};
constexpr TableTime table_times[] = {
    {"net.netfilter.nf_conntrack_tcp_timeout_syn_sent", &ConntrackSettings::syn_sent},
    {"net.netfilter.nf_conntrack_tcp_timeout_syn_recv", &ConntrackSettings::syn_recv},
    {"net.netfilter.nf_conntrack_tcp_timeout_fin_wait", &ConntrackSettings::fin_wait},
    {"net.netfilter.nf_conntrack_tcp_timeout_close_wait", &ConntrackSettings::close_wait},
    {"net.netfilter.nf_conntrack_tcp_timeout_last_ack", &ConntrackSettings::last_ack},
    {"net.netfilter.nf_conntrack_tcp_timeout_time_wait", &ConntrackSettings::time_wait},
    {"net.netfilter.nf_conntrack_tcp_timeout_close", &ConntrackSettings::close},
};

SystemResult<std::uint64_t> entries_of_the_machine() {
  const auto text = read_sysctl("net.netfilter.nf_conntrack_max");
  if (!text) return tl::unexpected(text.error());
  return std::stoull(*text);
}

std::optional<std::string> why_not(const Scenario& scenario, const TableThere& table, const Wiring& wiring) {
  const std::string_view name = table.host != nullptr ? table.host->name : table.gateway->name;
  for (const TableTime& time : table_times) {
    if (table.settings.*time.of % std::chrono::seconds(1) != Duration::zero())
      return fmt::format("{}: {} is a number of whole seconds", name, time.setting);
  }
  std::uint64_t come = 0;
  bool some_end = false;
  for (const auto& named : scenario.workloads) {
    const Workload& workload = named.second;
    const bool through = std::any_of(workload.to.begin(), workload.to.end(),
                                     [&](const Endpoint& to) { return goes_through(table, wiring, workload, to); });
    if (!through) continue;
    come += workload.connections;
    some_end = some_end || !std::holds_alternative<HoldForever>(workload.hold);
  }
  if (some_end && come > table.settings.room())
    return fmt::format(
        "{}: a kernel lets entries of connections that are over leave up to a minute later, and sweeps "
        "them out of a table that was full: chance decides who gets theirs",
        name);
  return std::nullopt;
}

std::string track_only(const Gateway& gateway, const std::vector<AddressBlock>& inside) {
  std::string rules =
      "add table inet netlimits_tracking\n"
      "add chain inet netlimits_tracking before { type filter hook prerouting priority -300; policy accept; }\n";
  const auto accept = [&](const IpAddress& of, std::string_view direction, const std::string& address) {
    rules += fmt::format("add rule inet netlimits_tracking before {} {} {} accept\n", of.is_v4() ? "ip" : "ip6",
                         direction, address);
  };
  for (const AddressBlock& block : inside) accept(block.address, "saddr", block.text());
  for (const IpAddress& own : gateway.addresses) accept(own, "daddr", own.text());
  return rules + "add rule inet netlimits_tracking before notrack\n";
}

}  // namespace

std::vector<TableThere> tables_of(const Scenario& scenario) {
  std::vector<TableThere> tables;
  for (const auto& [name, host] : scenario.hosts)
    if (host.conntrack) tables.push_back({&host, nullptr, conntrack_limit(host), *host.conntrack});
  for (const auto& [name, gateway] : scenario.gateways)
    if (gateway.conntrack) tables.push_back({nullptr, &gateway, conntrack_limit(gateway), *gateway.conntrack});
  return tables;
}

bool goes_through(const TableThere& table, const Wiring& wiring, const Workload& workload,
                  const Endpoint& destination) {
  const Target target = wiring.of(workload.from_host, destination);
  if (table.gateway != nullptr) return target.gateway == table.gateway;
  if (workload.from_host == table.host->name || target.host == table.host) return true;
  return target.balancer != nullptr &&
         std::any_of(
             target.balancer->back_ends.begin(), target.balancer->back_ends.end(),
             [&](const Endpoint& back_end) { return wiring.behind(*target.balancer, back_end).host == table.host; });
}

std::optional<std::string> why_no_table(const Scenario& scenario) {
  const std::vector<TableThere> tables = tables_of(scenario);
  if (tables.empty()) return std::nullopt;
  if (!nft_exists()) return "a table of tracked connections needs the program nft, which is not installed";
  const auto machine = entries_of_the_machine();
  if (!machine)
    return fmt::format("this kernel does not say how many connections it tracks: {}", machine.error().text());
  const Wiring wiring(scenario);
  std::uint64_t of_nobody = 0;
  for (const TableThere& table : tables) {
    if (auto why = why_not(scenario, table, wiring)) return why;
    if (table.settings.max > *machine)
      return fmt::format(
          "a table of {} entries: this machine has {} (net.netfilter.nf_conntrack_max), which is one "
          "number for all of it and is not changed",
          table.settings.max, *machine);
    of_nobody += (*machine - table.settings.room()) * (table.host != nullptr ? table.host->count : 1);
    // The wire of a gateway tracks what goes through others and through balancers as well.
    if (table.gateway != nullptr && scenario.gateways.size() > 1)
      return fmt::format("{} and others would share one table here", table.gateway->name);
  }
  if (of_nobody > most_entries_of_nobody)
    return fmt::format("the tables would need {} entries of nobody to be as small as they are, and at most {} are made",
                       of_nobody, most_entries_of_nobody);
  return std::nullopt;
}

SystemResult<void> make_table(const TableThere& table, const std::vector<AddressBlock>& inside) {
  if (table.gateway != nullptr) {
    if (auto done = run_nft(track_only(*table.gateway, inside)); !done) return done;
  }
  if (table.host != nullptr) {
    auto done = run_nft(
        "add table inet netlimits_tracking\n"
        "add chain inet netlimits_tracking incoming { type filter hook prerouting priority 0; policy accept; }\n"
        "add chain inet netlimits_tracking outgoing { type filter hook output priority 0; policy accept; }\n"
        "add rule inet netlimits_tracking incoming ct state new counter\n"
        "add rule inet netlimits_tracking outgoing ct state new counter\n");
    if (!done) return done;
    for (const TableTime& time : table_times) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(table.settings.*time.of).count();
      if (auto written = write_sysctl(time.setting, std::to_string(seconds)); !written) return written;
    }
  }
  const auto machine = entries_of_the_machine();
  if (!machine) return tl::unexpected(machine.error());
  return track_flows_of_nobody(*machine - table.settings.room());
}

SystemResult<TableUse> table_use(const TableThere& table) {
  const auto machine = entries_of_the_machine();
  if (!machine) return tl::unexpected(machine.error());
  const auto count = read_sysctl("net.netfilter.nf_conntrack_count");
  if (!count) return tl::unexpected(count.error());
  const auto dropped = tracking_counter("drop");
  if (!dropped) return tl::unexpected(dropped.error());
  // A connection that found no port was dropped as well.
  const auto without_port = tracking_counter("insert_failed");
  if (!without_port) return tl::unexpected(without_port.error());
  const std::uint64_t above = *machine - table.settings.max;
  const std::uint64_t there = std::stoull(*count);
  return TableUse{there - std::min(there, above), *dropped - std::min(*dropped, *without_port)};
}

SystemResult<std::uint64_t> tracking_counter(std::string_view column_name) {
  constexpr const char* path = "/proc/thread-self/net/stat/nf_conntrack";
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return tl::unexpected(SystemFailure{path, 0});
  std::istringstream heading(line);
  std::size_t column = 0;
  for (std::string word; heading >> word && word != column_name;) ++column;
  std::uint64_t sum = 0;
  while (std::getline(file, line)) {
    std::istringstream row(line);
    std::string word;
    for (std::size_t i = 0; i <= column && row >> word; ++i) {
    }
    if (!word.empty()) sum += std::stoull(word, nullptr, 16);
  }
  return sum;
}

}  // namespace netlimits::live
