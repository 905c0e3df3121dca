#include "sim/network.hpp"

#include <algorithm>
#include <utility>

namespace netlimits::sim {
namespace {

std::vector<std::string> site_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& [name, group] : scenario.hosts) names.push_back(name);
  for (const auto& [name, balancer] : scenario.balancers) names.push_back(name);
  return names;
}

// Half a round trip, the odd nanosecond going to one direction only.
Duration half_of(Duration round_trip, bool forward) {
  const Duration half = round_trip / 2;
  return forward ? half : round_trip - half;
}

std::shared_ptr<const HostConfig> configuration_of(const std::string& name, const HostGroup& group) {
  auto configuration = std::make_shared<HostConfig>();
  configuration->name = name;
  configuration->profile = group.profile;
  configuration->settings = group.settings;
  return configuration;
}

}  // namespace

Network::Network(const Scenario& scenario) : scenario_(scenario), topology_(scenario), balancers_(scenario) {
  std::size_t instances = 0;
  for (const auto& [name, group] : scenario.hosts) {
    first_instance_.emplace(name, instances);
    first_of_group_.push_back(instances);
    configurations_.push_back(configuration_of(name, group));
    instances += group.count;
  }
  instances_.reserve(instances);
  std::size_t group_index = 0;
  for (const auto& [name, group] : scenario.hosts) {
    for (std::uint64_t i = 0; i < group.count; ++i) {
      instances_.push_back({&group, group_index, i, true, 0, make_host(group, group_index, i)});
    }
    ++group_index;
  }
  const std::vector<std::string> sites = site_names(scenario);
  sites_ = sites.size();
  one_way_.resize(sites_ * sites_);
  for (std::size_t from = 0; from < sites_; ++from) {
    for (std::size_t to = 0; to < sites_; ++to) {
      const auto round_trip = topology_.round_trip(sites[from], sites[to]);
      if (round_trip) one_way_[from * sites_ + to] = half_of(*round_trip, from < to);
    }
  }
}

Host Network::make_host(const HostGroup& group, std::size_t group_index, std::uint64_t index) const {
  std::vector<AddressBlock> addresses = group.addresses;
  for (AddressBlock& block : addresses) block.address = block.address.plus(index * group.address_stride);
  return Host(configurations_[group_index], addresses);
}

void Network::take_over(std::size_t i) {
  for (const TimerRequest& timer : effects_.timers) {
    push(queue_, timer.at,
         {.kind = EventKind::host_timer,
          .detail = static_cast<std::uint8_t>(timer.kind),
          .epoch = instances_[i].epoch,
          .instance = static_cast<std::uint32_t>(i),
          .index = timer.round,
          .socket = timer.socket});
  }
  for (const Segment& segment : effects_.segments) route(i, segment);
  for (const Notice& notice : effects_.notices) {
    immediate_.emplace_back(PlacedNotice{static_cast<std::uint32_t>(i), notice});
  }
}

std::optional<std::size_t> Network::owner_of(const IpAddress& address) const {
  if (const auto site = topology_.site_of(address)) return first_of_group_[site->group] + site->instance;
  if (added_addresses_.empty()) return std::nullopt;
  const auto found = added_addresses_.find(address);
  if (found == added_addresses_.end()) return std::nullopt;
  return found->second;
}

void Network::note_drop(const Segment& segment, Limit limit) {
  if (segment.syn && !segment.ack) drop_reason_.insert_or_assign(segment.tuple, limit);
}

void Network::route(std::size_t from, Segment segment) {
  const IpAddress& to = segment.tuple.remote.address;
  if (to.is_loopback()) return travel(instances_[from].group_index, from, segment, Duration::zero());
  if (!balancers_.none()) {
    const std::size_t first_balancer_site = scenario_.hosts.size();
    if (const auto balancer = balancers_.balancer_at(segment.tuple.remote)) {
      const Segment as_sent = segment;
      const auto rewritten = balancers_.towards_back_end(*balancer, segment);
      const auto leg = one_way(instances_[from].group_index, first_balancer_site + *balancer);
      if (!rewritten) return note_drop(as_sent, Limit::back_end_down);
      const auto owner = owner_of(rewritten->tuple.remote.address);
      if (!leg || !owner) return note_drop(as_sent, Limit::no_route);
      if (!instances_[*owner].up) note_drop(as_sent, Limit::back_end_down);
      return travel(first_balancer_site + *balancer, *owner, *rewritten, *leg);
    }
    if (const auto rewritten = balancers_.towards_client(segment)) {
      const auto& [balancer, for_client] = *rewritten;
      const auto leg = one_way(instances_[from].group_index, first_balancer_site + balancer);
      const auto owner = owner_of(for_client.tuple.remote.address);
      if (!leg || !owner) return;
      return travel(first_balancer_site + balancer, *owner, for_client, *leg);
    }
  }
  const auto owner = owner_of(to);
  if (!owner) return note_drop(segment, Limit::no_route);
  if (!instances_[*owner].up) note_drop(segment, Limit::back_end_down);
  travel(instances_[from].group_index, *owner, segment, Duration::zero());
}

void Network::travel(std::size_t from_site, std::size_t to_instance, const Segment& segment, Duration extra) {
  const std::size_t to_group = instances_[to_instance].group_index;
  // A group's hosts reach each other and themselves at once unless the scenario says otherwise.
  const auto leg = one_way(from_site, to_group);
  if (!leg) return note_drop(segment, Limit::no_route);
  const Duration delay = extra + *leg;
  const Arriving arriving{static_cast<std::uint32_t>(to_instance), segment};
  ++in_flight_;
  if (delay == Duration::zero()) {
    immediate_.emplace_back(arriving);
    return;
  }
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(flying_.size());
    flying_.push_back(arriving);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
    flying_[slot] = arriving;
  }
  push(queue_, now_ + delay, {.kind = EventKind::segment, .index = slot});
}

void Network::arrive(std::size_t i, const Segment& segment) {
  --in_flight_;
  if (!instances_[i].up) return;
  if (!segment.syn || segment.ack) {
    call(i, [&](Host& host, Effects& effects) { host.deliver(segment, now_, effects); });
    return;
  }
  const HostCounters before = instances_[i].host.counters();
  call(i, [&](Host& host, Effects& effects) { host.deliver(segment, now_, effects); });
  const HostCounters& after = instances_[i].host.counters();
  std::optional<Limit> limit;
  if (after.syn_queue_drops != before.syn_queue_drops) limit = Limit::syn_backlog;
  if (after.listen_overflows != before.listen_overflows) limit = Limit::listen_backlog;
  if (!limit) return;
  drops_.push_back({static_cast<std::uint32_t>(i), segment.tuple.remote, *limit});
  drop_reason_.insert_or_assign(balancers_.client_view(segment.tuple.reversed()), *limit);
}

std::optional<Network::PlacedNotice> Network::next_notice() {
  while (!immediate_.empty()) {
    const auto next = immediate_.front();
    immediate_.pop_front();
    if (const auto* notice = std::get_if<PlacedNotice>(&next)) return *notice;
    const auto& arriving = std::get<Arriving>(next);
    arrive(arriving.instance, arriving.segment);
  }
  return std::nullopt;
}

std::optional<SimEvent> Network::next_event(std::optional<SimTime> end) {
  if (queue_.empty()) return std::nullopt;
  if (end && queue_.next_time() > *end) {
    now_ = *end;
    return std::nullopt;
  }
  const auto entry = *queue_.pop();
  now_ = entry.at;
  const SimEvent& event = entry.payload;
  if (event.kind == EventKind::segment) {
    const Arriving arriving = flying_[event.index];
    free_slots_.push_back(event.index);
    arrive(arriving.instance, arriving.segment);
  } else if (event.kind == EventKind::host_timer && is_current(event)) {
    const TimerRequest timer{now_, event.socket, static_cast<TimerKind>(event.detail), event.index};
    call(event.instance, [&](Host& host, Effects& effects) { host.on_timer(timer, now_, effects); });
  }
  return event;
}

void Network::take_down(std::size_t i) {
  instances_[i].up = false;
  instances_[i].host.lose_everything();
}

void Network::bring_up(std::size_t i) {
  instances_[i].up = true;
  ++instances_[i].epoch;
  HostInstance& instance = instances_[i];
  instance.host = make_host(*instance.group, instance.group_index, instance.index);
}

void Network::add_address(std::size_t i, const AddressBlock& block) {
  added_addresses_.emplace(block.address.unmapped(), static_cast<std::uint32_t>(i));
  instances_[i].host.add_address(block);
}

void Network::reset_flows(const std::vector<FlowEnds>& flows) {
  for (const FlowEnds& flow : flows) {
    for (const FourTuple& receiver : {flow.client, flow.server}) {
      const auto owner = owner_of(receiver.local.address);
      if (!owner || !instances_[*owner].up) continue;
      Segment reset;
      reset.tuple = receiver.reversed();
      reset.rst = true;
      reset.ack = true;
      ++in_flight_;
      immediate_.emplace_back(Arriving{static_cast<std::uint32_t>(*owner), reset});
    }
  }
}

std::optional<Limit> Network::take_drop_reason(const FourTuple& tuple) {
  const auto found = drop_reason_.find(tuple);
  if (found == drop_reason_.end()) return std::nullopt;
  const Limit reason = found->second;
  drop_reason_.erase(found);
  return reason;
}

std::vector<Network::Drop> Network::take_drops() { return std::exchange(drops_, {}); }

}  // namespace netlimits::sim
