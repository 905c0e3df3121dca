// Destinations, source addresses and sockets; last the question itself, and what connection tracking makes of its
// answer. limit_table.cpp has the rows of the limits.
#include "analysis/headroom/headroom.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "analysis/headroom/headroom_question.hpp"
#include "analysis/headroom/limit_table.hpp"
#include "analysis/headroom/queue_there.hpp"
#include "analysis/open_files.hpp"
#include "analysis/port_pool.hpp"
#include "model/machine/machine_host.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/scenario/time_wait_takeover.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::array life{TcpState::listen,      TcpState::closed,     TcpState::syn_sent,   TcpState::syn_received,
                          TcpState::established, TcpState::fin_wait_1, TcpState::fin_wait_2, TcpState::close_wait,
                          TcpState::closing,     TcpState::last_ack,   TcpState::time_wait};

bool same(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && a.address.unmapped() == b.address.unmapped();
}

std::uint64_t count_of(const HeldConnections& held) {
  std::uint64_t count = 0;
  for (const PortRange& range : held.ports) count += range.size().value;
  return count;
}

PoolKind pool_of(const HostGroup& host, const IpAddress& from) {
  return *pool_kind(host.profile->rules, PlainConnect{}, from);
}

void write_destinations(const Machine& machine, const HostGroup& host, Headroom& found) {
  std::map<std::pair<IpAddress, Endpoint>, DestinationUse> uses;
  for (const HeldConnections& held : host.held_connections) {
    DestinationUse& use = uses[{held.from, held.to}];
    const std::uint64_t count = count_of(held);
    if (held.state == HeldConnectionState::open) {
      use.open += count;
    } else {
      use.ended += count;
      if (may_be_taken_over(host.settings, host.profile->rules, held)) use.takeover += count;
    }
  }
  if (machine.sockets) {
    for (const MachineSocket& socket : *machine.sockets) {
      if (!socket.of_process) continue;
      const auto use = uses.find({socket.tuple.local.address, socket.tuple.remote});
      if (use != uses.end()) ++use->second.of_process;
    }
  }
  std::map<IpAddress, Interval> pools;  // by source: the same towards every destination
  for (auto& [key, use] : uses) {
    use.from = key.first;
    use.to = key.second;
    const auto [pool, is_new] = pools.try_emplace(use.from);
    if (is_new) pool->second = automatic_ports(host, pool_of(host, use.from));
    use.ports = pool->second;
    // Of one connection the rest of the pool is known; the exact figure is worked out where it can matter.
    const std::uint64_t gone = use.open + use.ended - use.takeover;
    use.headroom = {use.ports.min - std::min(gone, use.ports.min), use.ports.max - std::min(gone, use.ports.max)};
    found.destinations.push_back(use);
  }
  std::stable_sort(found.destinations.begin(), found.destinations.end(),
                   [](const DestinationUse& a, const DestinationUse& b) { return a.headroom.min < b.headroom.min; });
  constexpr std::size_t exact = 100;
  for (std::size_t i = 0; i < std::min(exact, found.destinations.size()); ++i) {
    DestinationUse& use = found.destinations[i];
    use.headroom = automatic_ports(host, pool_of(host, use.from), use.to);
  }
}

// From which addresses the machine could connect there, and what each has left.
void write_sources(const HostGroup& host, const Endpoint& to, Headroom& found) {
  std::vector<IpAddress> sources;
  const auto chosen = SourceChoice(host, 0).towards(to.address);
  if (chosen) sources.push_back(*chosen);
  for (const AddressBlock& block : host.addresses) {
    const bool usable = !to.address.is_loopback() && block.address.family() == to.address.family();
    if (usable && !(chosen && block.address == *chosen)) sources.push_back(block.address);
  }
  constexpr std::size_t most_sources = 256;
  if (sources.size() > most_sources) {
    found.notes.push_back(fmt::format("of {} addresses only the first {} are shown", sources.size(), most_sources));
    sources.resize(most_sources);
  }
  for (const IpAddress& source : sources) {
    SourceUse use{.from = source, .chosen = chosen && found.sources.empty()};
    use.headroom = automatic_ports(host, pool_of(host, source), to);
    for (const HeldConnections& held : host.held_connections) {
      if (held.from == source && same(held.to, to) && !may_be_taken_over(host.settings, host.profile->rules, held))
        use.used += count_of(held);
    }
    found.sources.push_back(use);
  }
}

void write_sockets(const Machine& machine, Headroom& found) {
  if (!machine.sockets) return;
  std::map<TcpState, SocketTally> tallies;
  for (const MachineSocket& socket : *machine.sockets) {
    SocketTally& tally = tallies[socket.state];
    ++tally.all;
    if (socket.of_process) ++tally.of_process;
  }
  for (const TcpState state : life) {
    const auto tally = tallies.find(state);
    if (tally == tallies.end()) continue;
    found.sockets.push_back(tally->second);
    found.sockets.back().state = state;
  }
}

void unname_destination(Headroom& found, const Endpoint& stand_in) {
  const auto unname = [&](std::vector<Binding>& bindings) {
    for (Binding& binding : bindings) {
      const auto* outbound = std::get_if<OutboundPlace>(&binding.place.what);
      const auto* to = outbound != nullptr ? std::get_if<Endpoint>(&outbound->destination) : nullptr;
      if (to != nullptr && *to == stand_in) binding.place = to_any_one(binding.place);
    }
  };
  unname(found.answer.binding);
  for (Rung& rung : found.answer.ladder) unname(rung.binding);
}

// Routing's own word, or a loopback address that is not there. Measured on 6.18 for that: EADDRNOTAVAIL where no
// interface has IPv6, else ENETUNREACH without a default route, and nobody answers with one. `ip route get` says
// "unreachable" in the first case too.
std::optional<Error> no_way(const Machine& machine, const HostGroup& host, const std::optional<Endpoint>& to) {
  if (!to) return std::nullopt;
  const IpAddress there = to->address.unmapped();
  if (there.is_v4()) return machine.no_way;
  if (host.settings.ipv6_disabled) return Error::eaddrnotavail;
  if (!there.is_loopback() || !machine.without_ipv6_loopback || machine.no_way) return machine.no_way;
  return machine.source_towards ? Error::etimedout : Error::enetunreach;
}

}  // namespace

Headroom headroom(const Machine& machine, const HostGroup& host, const std::optional<Endpoint>& to) {
  const bool in_doubt = !machine.sockets || machine.listeners_in_doubt;
  Headroom found;
  HeadroomQuestion question = headroom_question(host, to, in_doubt);
  found.to = to;
  found.question = std::move(question.scenario);
  found.no_way = no_way(machine, host, to);
  if (!found.no_way) {  // else nobody gets as far as a listener
    found.listener_in_doubt = question.listener_in_doubt;
    found.notes = std::move(question.notes);
  }
  if (found.no_way && !to->address.unmapped().is_v4() && machine.without_ipv6_loopback) {
    found.notes.push_back(fmt::format("IPv6 is switched off {} (disable_ipv6): connect() ends with {}",
                                      host.settings.ipv6_disabled ? "here" : "on loopback", name_of(*found.no_way)));
  }
  if (found.no_way) {
    found.answer.asked = asked_of_a_machine;
    // Without a route there is no source either.
    const Place nowhere{OutboundPlace{.on = *host_place(host).host(), .destination = question.to}};
    found.answer.binding = {{Limit::no_route, nowhere, {}}};
    if (!host.settings.ipv6_disabled || to->address.unmapped().is_v4())
      found.notes.emplace_back(
          "a scenario cannot say that there is no way: its hosts reach everybody whose family they have");
    write_destinations(machine, host, found);
    write_sockets(machine, found);
    write_limits(machine, host, found);
    return found;
  }
  const bool both_ends_here = found.question.hosts.size() == 1;
  if (const auto queue = both_ends_here ? queue_there(machine, host, question.to) : std::nullopt;
      queue && queue->waiting > 0) {
    if (queue->room == 0) {
      found.waiting_in_full_queue = queue->waiting;
    } else {
      found.notes.push_back(fmt::format(
          "{} for accept() at {}, and {} before its program has to take one",
          queue->waiting == 1 ? "1 connection waits" : fmt::format("{} connections wait", queue->waiting),
          question.to.text(), queue->room == 1 ? "1 more gets in" : fmt::format("{} more get in", queue->room)));
    }
  }
  found.answer = capacity(found.question);
  if (ports_in_doubt(host) > 0) {
    const HeadroomQuestion doubtful = headroom_question(with_ports_bound(host), to, in_doubt);
    const std::uint64_t least = capacity(doubtful.scenario).capacity.min;
    if (least < found.answer.capacity.min) found.least = least;
  }
  if (machine.process.runs && !machine.process.descriptors) {
    found.notes.push_back(
        fmt::format("what {} has open is not determined: the answer leaves it out, and is too high if "
                    "its descriptors bind",
                    host.processes.front().name));
  }
  if (!machine.sockets) found.notes.emplace_back("the sockets are not determined: the answer is as if there were none");
  write_sources(host, question.to, found);
  const bool elsewhere = to && machine.source_towards && !found.sources.empty() &&
                         found.sources.front().from.unmapped() != machine.source_towards->unmapped();
  if (elsewhere) {
    found.notes.push_back(fmt::format("routing chooses {} towards {}; a scenario's host, and this answer, take {}",
                                      machine.source_towards->text(), to->text(), found.sources.front().from.text()));
  }
  write_destinations(machine, host, found);
  write_sockets(machine, found);
  write_limits(machine, host, found);
  if (!to) unname_destination(found, question.to);
  mark_what_binds(found);
  return found;
}

}  // namespace netlimits::analysis
