// One walk over all TCP sockets of each namespace, sorted into queues, TIME_WAIT entries, balancers' flows and pools.
#include "live/run/socket_sampler.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "live/run/tcp_counters.hpp"
#include "live/sandbox/sock_diag.hpp"
#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::live {
namespace {

void raise(Count& peak, std::uint64_t value) {
  if (value > peak) peak = value;
}

}  // namespace

SocketSampler::SocketSampler(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
                             const HostNetwork& network)
    : plan_(plan), records_(records), network_(network) {
  for (const Workload* workload : plan.workloads)
    kinds_.push_back(pool_kind(scenario.hosts.at(workload->from_host).profile->rules, workload->bind, {}));
  for (std::size_t where = 0; where < plan.namespaces.size(); ++where) {
    const HostGroup& group = *plan.namespaces[where].group;
    for (const Workload* workload : plan.workloads) {
      if (workload->from_host != group.name) continue;
      const auto kind = pool_kind(group.profile->rules, workload->bind, {});
      if (!kind) continue;
      for (const Endpoint& to : workload->to) destinations_[{where, to}] = *kind;
    }
  }
  for (std::size_t where = 0; where < plan.namespaces.size(); ++where) {
    for (const HeldConnections& held : plan.namespaces[where].group->held_connections) {
      for (const PortRange& range : held.ports) {
        for (std::uint32_t port = range.first.value; port <= range.last.value; ++port)
          held_.insert({where, {{held.from, Port{static_cast<std::uint16_t>(port)}}, held.to}});
      }
    }
  }
  several_ways_ = !scenario.events.empty();  // a balancer that lost a back end no longer knows who was there
  std::size_t index = 0;
  for (const auto& [name, balancer] : scenario.balancers) {
    for (const Endpoint& back_end : balancer.back_ends) {
      several_ways_ = !back_ends_.try_emplace(back_end, index++).second || several_ways_;
    }
  }
  for (const auto& [name, workload] : scenario.workloads) {
    for (const Endpoint& to : workload.to) several_ways_ = several_ways_ || back_ends_.contains(to);
  }
}

void SocketSampler::count_listener(std::size_t where, const SeenSocket& seen) {
  for (std::size_t index = 0; index < plan_.listeners.size(); ++index) {
    const ListenerPlan& plan = plan_.listeners[index];
    const Endpoint& endpoint = plan.listener->endpoint;
    if (plan.where != where || endpoint.port != seen.tuple.local.port) continue;
    if (endpoint.address.unmapped() != seen.tuple.local.address) continue;
    // Listeners that share a port by SO_REUSEPORT look alike: the first one's record takes them all.
    records_.listeners[index].queued += seen.queued;
    raise(records_.listeners[index].queued_peak, seen.queued);
    return;
  }
}

// Clients mark their sockets with their workload (live/run/client_attempt.cpp). What has no mark is taken to be of the
// kind that leads there.
std::optional<PoolKind> SocketSampler::kind_of(std::size_t where, const SeenSocket& seen) {
  const auto destination = destinations_.find({where, seen.tuple.remote});
  if (destination == destinations_.end()) return std::nullopt;
  if (seen.mark > 0 && seen.mark <= kinds_.size()) return kinds_[seen.mark - 1];
  records_.run().unmarked = 1;
  return destination->second;
}

std::optional<std::size_t> SocketSampler::back_end_of(const FourTuple& server,
                                                      const std::map<FourTuple, std::size_t>& through) const {
  const auto found = back_ends_.find(server.local);
  if (found == back_ends_.end()) return std::nullopt;
  if (!several_ways_) return found->second;
  const auto way = through.find(server);
  return way == through.end() ? std::nullopt : std::optional(way->second);
}

SystemResult<void> SocketSampler::note_gateways(std::int64_t now) {
  if (!network_.has_gateways()) return {};
  const auto use = network_.gateway_use();
  if (!use) return tl::unexpected(use.error());
  for (std::size_t i = 0; i < use->ports.size(); ++i) {
    GatewayPoolRecord& record = records_.gateway_pools[i];
    record.peak = std::max<std::uint64_t>(record.peak, use->ports[i]);
    record.found_none = use->found_none;
    if (use->found_none > 0 && record.first_missing < 0) record.first_missing = now;
  }
  return {};
}

SystemResult<void> SocketSampler::note_tables(std::int64_t now) {
  if (records_.tables.size() == 0) return {};
  const auto uses = network_.tables_in_use();
  if (!uses) return tl::unexpected(uses.error());
  for (std::size_t i = 0; i < uses->size(); ++i) {
    TableRecord& record = records_.tables[i];
    record.peak = std::max<std::uint64_t>(record.peak, (*uses)[i].entries);
    record.dropped = (*uses)[i].dropped;
    if ((*uses)[i].dropped > 0 && record.first_dropped < 0) record.first_dropped = now;
  }
  return {};
}

SystemResult<std::uint64_t> SocketSampler::sample(std::int64_t now) {
  if (auto noted = note_gateways(now); !noted) return tl::unexpected(noted.error());
  if (auto noted = note_tables(now); !noted) return tl::unexpected(noted.error());
  std::uint64_t time_wait_in_all = 0;
  std::map<const HostGroup*, std::pair<std::size_t, std::uint64_t>> of_group;  // its first namespace, and TIME_WAIT
  for (ListenerRecord& listener : records_.listeners.all()) listener.queued = 0;
  for (BackEndRecord& back_end : records_.back_ends.all()) back_end.open = 0;
  std::map<FourTuple, std::size_t> through;
  if (several_ways_ && network_.balances()) {
    auto tracked = network_.came_through();
    if (!tracked) return tl::unexpected(tracked.error());
    through = *std::move(tracked);
  }
  for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
    if (!network_.is_up(where)) {
      records_.namespaces[where].time_wait = 0;
      continue;
    }
    auto visit = Visit::to(network_.host(where));
    if (!visit) return tl::unexpected(visit.error());
    std::uint64_t time_wait = 0;
    // What a host sends to itself passes no balancer, whatever one of them remembers of the same two endpoints.
    std::set<IpAddress> own;
    if (!through.empty())
      for (const IpAddress& address : network_.addresses_of(where)) own.insert(address);
    std::map<std::pair<Place, IpAddress>, PoolUse> in_use;
    std::map<std::tuple<Endpoint, IpAddress, PoolKind>, std::uint64_t> towards;
    auto done = each_tcp_socket(all_states, [&](const SeenSocket& seen) {
      if (seen.state == TcpState::listen) return count_listener(where, seen);
      if (seen.state == TcpState::time_wait) ++time_wait;
      if (held_.contains({where, seen.tuple})) return;  // there before the scenario
      if (const auto kind = kind_of(where, seen)) ++towards[{seen.tuple.remote, seen.tuple.local.address, *kind}];
      if (seen.state != TcpState::established || own.contains(seen.tuple.remote.address)) return;
      if (const auto index = back_end_of(seen.tuple, through)) ++records_.back_ends[*index].open;
    });
    if (!done) return tl::unexpected(done.error());
    const HostGroup& group = *plan_.namespaces[where].group;
    for (const auto& [pool, count] : towards) {
      auto [destination, source, kind] = pool;
      if (kind.sharing != PortSharing::host_port) kind.source = source;
      PoolUse& use = in_use[{port_pool_place(group, kind.sharing, source, destination), source}];
      use.ports += count;
      use.capacity = automatic_port_count(group.settings, group, kind, destination).value;
    }
    for (const auto& [pool, use] : in_use) note_pool(where, pool.first, use);
    NamespaceRecord& record = records_.namespaces[where];
    record.time_wait = time_wait;
    raise(record.time_wait_peak, time_wait);
    time_wait_in_all += time_wait;
    of_group.try_emplace(&group, where, 0).first->second.second += time_wait;
    if (auto counters = read_tcp_counters()) {
      record.listen_overflows = counters->listen_overflows;
      record.listen_drops = counters->listen_drops;
      record.syn_queue_drops = counters->syn_queue_drops;
      record.syncookies_sent = counters->syncookies_sent;
      record.time_wait_overflows = counters->time_wait_overflows;
      if (counters->listen_overflows > 0 && record.first_overflow_at < 0) record.first_overflow_at = now;
    }
  }
  for (const auto& [group, sum] : of_group) raise(records_.namespaces[sum.first].group_time_wait_peak, sum.second);
  return time_wait_in_all;
}

void SocketSampler::note_pool(std::size_t where, const Place& place, const PoolUse& use) {
  const auto [found, is_new] = pool_slots_.try_emplace({where, place}, 0);
  if (is_new) {
    found->second = std::min<std::size_t>(records_.run().pools++, SharedRecords::most_pools - 1);
    PoolRecord& record = records_.pools[found->second];
    record.where = where;
    record.place = place;
    record.capacity = use.capacity;
    record.used = 1;
  }
  raise(records_.pools[found->second].peak, use.ports);
}

}  // namespace netlimits::live
