// The measured host gets a workload without end, and a far end that takes everything: another host, or its own
// listener.
#include "analysis/headroom/headroom_question.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "model/scenario/listening.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t no_limit = std::uint64_t{1} << 40U;

// An address for documentation (RFC 5737, RFC 3849) that the machine neither has nor is connected to.
Endpoint nobody(const HostGroup& host, Family family) {
  const IpAddress first =
      family == Family::inet ? IpAddress::v4(0xc6336401) : IpAddress::v6(0x20010db800000000ULL, 0xffff);
  for (std::uint64_t step = 0;; ++step) {
    const IpAddress candidate = first.plus(step);
    const bool own = std::any_of(host.addresses.begin(), host.addresses.end(),
                                 [&](const AddressBlock& block) { return block.address == candidate; });
    const bool known = std::any_of(host.held_connections.begin(), host.held_connections.end(),
                                   [&](const HeldConnections& held) { return held.to.address == candidate; });
    if (!own && !known) return {candidate, Port{443}};
  }
}

Process taker(const Endpoint& at) {
  Process process;
  process.name = "far-end";
  process.nofile = no_limit;
  process.own_descriptors = 0;
  process.listeners.push_back({.endpoint = at, .accept = {}});
  return process;
}

// Takes the port out of what is held, for the far end to listen there. Whether something outside the processes did.
bool give_up_port(HostGroup& host, const Endpoint& to) {
  if (!listening_at(host, to).held) return false;
  std::vector<HeldPorts> kept;
  for (const HeldPorts& held : host.held_ports) {
    if (!fits(host, held, to)) {
      kept.push_back(held);
      continue;
    }
    if (held.ports.first < to.port)
      kept.push_back({held.address, {held.ports.first, Port{static_cast<std::uint16_t>(to.port.value - 1)}}, true});
    if (to.port < held.ports.last)
      kept.push_back({held.address, {Port{static_cast<std::uint16_t>(to.port.value + 1)}, held.ports.last}, true});
  }
  host.held_ports = std::move(kept);
  return true;
}

}  // namespace

HeadroomQuestion headroom_question(const HostGroup& host, const std::optional<Endpoint>& to, bool listeners_in_doubt) {
  HeadroomQuestion question;
  HostGroup machine = host;
  const bool only_v6 = !machine.addresses.empty() && !machine.addresses.front().address.is_v4();
  question.to = to ? *to : nobody(machine, only_v6 ? Family::inet6 : Family::inet);
  question.to.address = question.to.address.unmapped();
  const IpAddress& there = question.to.address;
  const bool own =
      there.is_loopback() || std::any_of(machine.addresses.begin(), machine.addresses.end(),
                                         [&](const AddressBlock& block) { return block.address == there; });
  Scenario& scenario = question.scenario;
  scenario.name = "more connections of a machine";
  const std::string program = machine.processes.front().name;
  if (own) {
    if (give_up_port(machine, question.to)) {
      machine.processes.push_back(taker(question.to));
      question.notes.push_back(question.to.text() +
                               " is on this machine: what its program can take is not looked at (probe --pid tells)");
      question.notes.emplace_back(
          "a scenario cannot say that it accepts: with this host as it is, nobody does, and run and capacity answer "
          "less");
    } else if (listeners_in_doubt && listening_at(machine, question.to).nobody()) {
      machine.processes.push_back(taker(question.to));
      question.listener_in_doubt = true;
      question.notes.emplace_back(
          "a scenario cannot say that this is not known: with this host as it is, nobody listens there, and run and "
          "capacity answer none");
    }
  } else {
    HostGroup far_end;
    far_end.name = "far-end";
    auto profile = std::make_shared<OsProfile>();
    profile->name = "far-end";
    profile->system = "linux";
    far_end.profile = profile;
    far_end.settings.file_max = std::numeric_limits<std::int64_t>::max();
    far_end.addresses.push_back(AddressBlock::single(there));
    far_end.processes.push_back(taker(question.to));
    scenario.hosts.emplace(far_end.name, std::move(far_end));
  }
  Workload more;
  more.name = "more";
  more.from_host = machine.name;
  more.from_process = program;
  more.to = {question.to};
  more.connections = asked_of_a_machine;
  scenario.workloads.emplace(more.name, std::move(more));
  scenario.hosts.emplace(machine.name, std::move(machine));
  return question;
}

}  // namespace netlimits::analysis
