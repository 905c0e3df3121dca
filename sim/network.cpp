// How nodes' effects are carried on, and what comes next.
#include "sim/network.hpp"

#include <algorithm>
#include <utility>

#include "model/net/bounded_time.hpp"
#include "model/tcp/data_retransmission.hpp"

namespace netlimits::sim {

std::uint64_t HostInstance::peak_time_wait_entries() const {
  return std::max(peak_time_wait_entries_before, host.peak_time_wait_entries());
}

HostCounters HostInstance::counters() const {
  HostCounters sum = host.counters();
  sum.listen_overflows += counters_before.listen_overflows;
  sum.listen_drops += counters_before.listen_drops;
  sum.syn_queue_drops += counters_before.syn_queue_drops;
  sum.syncookies_sent += counters_before.syncookies_sent;
  sum.time_wait_overflows += counters_before.time_wait_overflows;
  sum.orphan_resets += counters_before.orphan_resets;
  sum.time_wait_recycled += counters_before.time_wait_recycled;
  return sum;
}

Network::Network(const Layout& layout, std::vector<BalancedEndpoint> balancers, std::vector<DrawingGateway> gateways,
                 std::function<void(std::uint32_t)> begin)
    : layout_(&layout),
      begin_(std::move(begin)),
      made_(layout_->host_count()),
      balancers_(std::move(balancers)),
      gateways_(std::move(gateways)),
      tracks_connections_(layout_->tracks_connections()) {}

HostInstance& Network::make(std::uint32_t number) {
  HostInstance& fresh = made_.add(layout_->make(number));
  if (begin_) begin_(number);
  return fresh;
}

// ---- effects

void Network::take_over(HostInstance& from) {
  sum_time_wait(from);
  for (const TimerRequest& timer : effects_.timers) {
    armed_for_now_ = armed_for_now_ || timer.at <= now_;
    push(queue_, timer.at,
         {.kind = EventKind::host_timer,
          .detail = static_cast<std::uint8_t>(timer.kind),
          .epoch = from.epoch,
          .instance = from.number,
          .index = timer.round,
          .socket = timer.socket});
  }
  if (queue_.size() >= looked_through_at_) forget_what_finds_nobody();
  for (const Drop& drop : effects_.drops) immediate_.emplace_back(Told{from.number, drop});
  for (const Segment& segment : effects_.segments) {
    // As the host itself sees it: what others rewrite comes later.
    if (passes_table(from.number, segment)) {
      forward(stop_of(from), segment);
    } else {
      drop(from.number, Limit::conntrack_entries, segment);
    }
  }
  for (const Notice& notice : effects_.notices) {
    if (notice.kind == NoticeKind::gone) {
      gone_.push_back({from.number, notice});
    } else {
      immediate_.emplace_back(Told{from.number, notice});
    }
  }
}

// A socket that is gone leaves its timers behind, and the end of its hold time: a program that tries again and again
// without a pause would pile up a million of them before the first one is due. A socket does not come back, and neither
// does a host that went down with the number that it had.
void Network::forget_what_finds_nobody() {
  queue_.keep_if([&](const SimEvent& event) {
    if (event.socket == SocketId{}) return true;
    const HostInstance* on = made_.find(event.instance);
    return on == nullptr || (on->up && on->epoch == event.epoch && on->host.alive(event.socket));
  });
  looked_through_at_ = std::max(fewest_looked_through, 2 * queue_.size());
}

void Network::drop(std::uint32_t node, Limit limit, const Segment& segment) {
  immediate_.emplace_back(
      Told{node, Drop{.limit = limit, .tuple = segment.tuple, .opening = segment.syn && !segment.ack}});
}

// What a host says to itself leaves it only towards a balancer.
bool Network::is_at(const Stop& stop, const IpAddress& address) const {
  const auto owner = layout_->owner_of(address, stop);
  return owner && owner->node == stop.node;
}

std::optional<std::size_t> Network::gateway_at(std::uint32_t node) const {
  const std::size_t first = layout_->host_count() + balancers_.size();
  return node < first ? std::nullopt : std::optional(node - first);
}

FourTuple Network::client_view(const FourTuple& server) const {
  const FourTuple outside = balancers_.client_view(server);
  for (const DrawingGateway& gateway : gateways_) {
    if (!gateway.flows.has(outside.local.address)) continue;
    return gateway.flows.client_view(outside).value_or(outside);
  }
  return outside;
}

// To the next node on the segment's way: the gateway or balancer that it has to pass, or the host that it is for.
void Network::forward(const Stop& from, Segment segment) {
  if (const auto gateway = layout_->gateway_towards(segment.tuple.remote.address, from))
    return send(from, *gateway, segment);
  std::optional<Stop> to;
  // What leaves a gateway has its address, as if it came from a host.
  const bool from_host = from.node < layout_->host_count() || gateway_at(from.node);
  const bool may_be_rewritten = from_host && balancers_.size() > 0 && !segment.tuple.remote.address.is_loopback();
  if (may_be_rewritten) {
    const auto balancer = balancers_.on_the_way(segment.tuple);
    if (balancer && (balancers_.stands_at(segment.tuple.remote) || !is_at(from, segment.tuple.remote.address)))
      to = layout_->balancer(*balancer);
  }
  if (!to) {
    to = layout_->owner_of(segment.tuple.remote.address, from);
    if (to && may_be_rewritten && to->node != from.node) segment.tuple = balancers_.past(segment, now_);
  }
  if (!to) return drop(from.node, Limit::no_route, segment);
  // A host that meets itself through a balancer (model/scenario/wiring.hpp, comes_back).
  if (!from_host) {
    const auto sender = layout_->owner_of(segment.tuple.local.address, from);
    if (sender && sender->node == to->node) return drop(to->node, Limit::no_route, segment);
  }
  send(from, *to, segment);
}

void Network::send(const Stop& from, const Stop& to, const Segment& segment) {
  const auto delay = layout_->one_way(from.site, to.site);
  if (!delay) return drop(from.node, Limit::no_route, segment);
  Arriving arriving{to.node, segment};
  if (segment.fin && from.node < layout_->host_count()) {
    arriving.from = from.node;
    arriving.epoch = instance(from.node).epoch;
  }
  ++in_flight_;
  if (*delay == Duration::zero()) {
    immediate_.emplace_back(arriving);
    return;
  }
  fly(arriving, *delay);
}

void Network::fly(const Arriving& arriving, Duration delay) {
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(flying_.size());
    flying_.push_back(arriving);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
    flying_[slot] = arriving;
  }
  push(queue_, later(now_, delay), {.kind = EventKind::segment, .index = slot});
}

// A host that is down answers nothing. Whoever closes towards it sends the FIN again until it gives up, and is told by
// a reset once the host is back, which knows nothing of the connection: its port is free then, and not after 102 s
// only.
void Network::repeat_fin(Arriving lost) {
  if (lost.from == nobody) return;
  const HostInstance* const sender = made_.find(lost.from);
  if (sender == nullptr || !sender->up || sender->epoch != lost.epoch || sender->group == nullptr) return;
  const auto wait = fin_timeout(lost.repeated, sender->group->settings.orphan_retries);
  if (!wait) return;
  ++lost.repeated;
  fly(lost, *wait);
}

void Network::arrive(const Arriving& arriving) {
  if (arriving.repeated == 0) --in_flight_;
  if (const auto gateway = gateway_at(arriving.node)) return arrive_at_gateway(*gateway, arriving.segment);
  if (arriving.node >= layout_->host_count())
    return arrive_at_balancer(arriving.node - layout_->host_count(), arriving.segment);
  if (!instance(arriving.node).up) {
    repeat_fin(arriving);
    if (arriving.repeated == 0) drop(arriving.node, Limit::back_end_down, arriving.segment);
    return;
  }
  if (!passes_table(arriving.node, arriving.segment))
    return drop(arriving.node, Limit::conntrack_entries, arriving.segment);
  call(arriving.node, [&](Host& host, Effects& effects) { host.deliver(arriving.segment, now_, effects); });
}

bool Network::passes_table(std::uint32_t host, const Segment& segment) {
  if (!tracks_connections_) return true;
  const auto [found, is_new] = tables_.try_emplace(host);
  if (is_new) found->second = layout_->fresh_table(host);
  return !found->second || found->second->passes(segment, now_);
}

void Network::arrive_at_balancer(std::size_t balancer, const Segment& segment) {
  effects_.clear();
  balancers_.deliver(balancer, segment, now_, effects_);
  const Stop here = layout_->balancer(balancer);
  for (const Drop& drop : effects_.drops) immediate_.emplace_back(Told{here.node, drop});
  for (const Segment& on : effects_.segments) forward(here, on);
}

void Network::arrive_at_gateway(std::size_t gateway, const Segment& segment) {
  effects_.clear();
  DrawingGateway& at = gateways_[gateway];
  const Stop here = layout_->gateway(gateway);
  const bool inward = at.flows.has(segment.tuple.remote.address);
  if (inward) {
    at.flows.inward(segment, now_, effects_);
  } else if (const auto client = layout_->owner_of(segment.tuple.local.address, here)) {
    at.flows.outward(client->node, segment, now_, effects_, [&] { return at.draws.bits(); });
  }
  for (const Drop& drop : effects_.drops) immediate_.emplace_back(Told{here.node, drop});
  for (const Segment& on : effects_.segments) {
    const bool to_client = inward || on.tuple.remote == segment.tuple.local;
    if (!to_client) {
      forward(here, on);
    } else if (const auto client = layout_->owner_of(on.tuple.remote.address, here)) {
      send(here, *client, on);
    } else {
      drop(here.node, Limit::no_route, on);
    }
  }
}

void Network::set_up(std::size_t balancer, const Endpoint& back_end, bool up) {
  balancers_.set_up(balancer, back_end, up);
  if (up) return;
  effects_.clear();
  balancers_.end_flows(balancer, back_end, now_, effects_);
  const Stop here = layout_->balancer(balancer);
  // They arrive at once: how long a balancer takes to notice is a figure of the scenario, and contains their way.
  for (const Segment& reset : effects_.segments) {
    const auto to = layout_->owner_of(reset.tuple.remote.address, here);
    if (!to) continue;
    ++in_flight_;
    immediate_.emplace_back(Arriving{to->node, reset});
  }
}

// ---- what comes next

std::optional<Network::Told> Network::next_gone() {
  if (gone_.empty()) return std::nullopt;
  const Told next = gone_.front();
  gone_.pop_front();
  return next;
}

std::optional<Network::Told> Network::next_told() {
  if (!gone_.empty()) return next_gone();
  while (!immediate_.empty()) {
    const auto next = immediate_.front();
    immediate_.pop_front();
    if (const auto* told = std::get_if<Told>(&next)) return *told;
    ++steps_;
    arrive(std::get<Arriving>(next));
    if (!gone_.empty()) return next_gone();
  }
  return std::nullopt;
}

std::optional<SimEvent> Network::next_event(std::optional<SimTime> end) {
  if (queue_.empty()) return std::nullopt;
  if (end && queue_.next().at > *end) {
    now_ = *end;
    return std::nullopt;
  }
  ++steps_;
  const auto entry = *queue_.pop();
  now_ = std::max(now_, entry.at);
  const SimEvent& event = entry.payload;
  if (event.kind == EventKind::segment) {
    const Arriving arriving = flying_[event.index];
    free_slots_.push_back(event.index);
    arrive(arriving);
  } else if (event.kind == EventKind::host_timer) {
    due_timers_.push_back(event);
    fire_timers();
  }
  return event;
}

void Network::collect_due_timers() {
  while (!queue_.empty() && queue_.next().at <= now_ && queue_.next().payload.kind == EventKind::host_timer) {
    ++steps_;
    due_timers_.push_back(queue_.pop()->payload);
  }
}

// All timers of this instant, the latest first, those included that are armed for it meanwhile.
void Network::fire_timers() {
  collect_due_timers();
  while (!due_timers_.empty()) {
    const SimEvent event = due_timers_.back();
    due_timers_.pop_back();
    if (!is_current(event)) continue;
    const TimerRequest timer{now_, event.socket, static_cast<TimerKind>(event.detail), event.index};
    armed_for_now_ = false;
    call(event.instance, [&](Host& host, Effects& effects) { host.on_timer(timer, now_, effects); });
    if (armed_for_now_) collect_due_timers();
  }
}

// ---- hosts that come and go

void Network::take_down(std::size_t number) {
  HostInstance& on = instance(number);
  on.up = false;
  on.host.lose_everything();
  tables_.erase(static_cast<std::uint32_t>(number));
  sum_time_wait(on);
}

void Network::sum_time_wait(HostInstance& on) {
  const std::uint64_t now = on.host.time_wait_count();
  if (now == on.time_wait_told || on.group == nullptr) return;
  GroupSum& sum = time_wait_[on.group];
  sum.now = sum.now + now - on.time_wait_told;
  sum.peak = std::max(sum.peak, sum.now);
  on.time_wait_told = now;
}

std::uint64_t Network::time_wait_peak(const HostGroup& group) const {
  const auto found = time_wait_.find(&group);
  return found == time_wait_.end() ? 0 : found->second.peak;
}

void Network::bring_up(std::size_t number) {
  HostInstance& on = instance(number);
  on.peak_time_wait_entries_before = on.peak_time_wait_entries();
  on.counters_before = on.counters();
  on.up = true;
  ++on.epoch;
  on.host = layout_->make(static_cast<std::uint32_t>(number)).host;
}

}  // namespace netlimits::sim
