// The table of a gateway: who gets which port, and until when.
#include "model/path/gateway_flows.hpp"

#include <algorithm>

#include "model/net/bounded_time.hpp"

namespace netlimits {

GatewayFlows::GatewayFlows(std::vector<IpAddress> addresses, const NatSettings& settings, std::uint32_t salt,
                           const std::optional<ConntrackSettings>& table)
    : addresses_(std::move(addresses)), settings_(settings), salt_(salt), table_(table) {
  if (!table_) return;
  unanswered_.emplace(table_->buckets, salt);
  most_entries_ = table_->held;
}

bool GatewayFlows::has(const IpAddress& address) const {
  return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

std::optional<FourTuple> GatewayFlows::client_view(const FourTuple& outside) const {
  const auto found = by_outside_.find(outside);
  return found == by_outside_.end() ? std::nullopt : std::optional(found->second);
}

// ---- segments

void GatewayFlows::outward(std::uint64_t client, const Segment& segment, SimTime now, Effects& effects,
                           const Draw& draw) {
  end_what_is_due(now);
  const bool opens = segment.syn && !segment.ack;
  auto found = flows_.find(segment.tuple);
  if (opens && found != flows_.end() && found->second.over()) {
    release(found);
    found = flows_.end();
  }
  if (opens && found == flows_.end()) {
    if (!has_room(segment.tuple, now)) {
      effects.drops.push_back({.limit = Limit::conntrack_entries, .tuple = segment.tuple, .opening = true});
      return;
    }
    const auto outside = choose(client, segment.tuple, draw);
    if (!outside) {
      const bool answered = settings_.when_full == NatWhenFull::reset;
      effects.drops.push_back({.limit = settings_.block == 0 ? Limit::nat_ports : Limit::nat_block,
                               .tuple = segment.tuple,
                               .opening = true,
                               .answered = answered});
      if (answered) effects.segments.push_back({.tuple = segment.tuple.reversed(), .ack = true, .rst = true});
      return;
    }
    // Taken away from one that is over.
    if (const auto old = by_outside_.find({*outside, segment.tuple.remote}); old != by_outside_.end())
      release(flows_.find(old->second));
    found = flows_.emplace(segment.tuple, Flow{.outside = *outside, .client = client, .began = ++flows_begun_}).first;
    by_outside_.emplace(FourTuple{*outside, segment.tuple.remote}, segment.tuple);
    ++in_use_[{outside->address, segment.tuple.remote}];
    Pool& pool = pool_of(client, segment.tuple.remote);
    pool.peak = std::max(pool.peak, ++pool.used);
    if (table_) {
      most_entries_ = std::max(most_entries_, table_->held + flows_.size());
      unanswered_->add(segment.tuple, now);
    }
  }
  if (found == flows_.end()) {
    effects.drops.push_back({.limit = Limit::no_route, .tuple = segment.tuple});
    return;
  }
  Segment rewritten = segment;
  rewritten.tuple.local = found->second.outside;
  effects.segments.push_back(rewritten);
  note(found, segment, true, now);
}

void GatewayFlows::inward(const Segment& segment, SimTime now, Effects& effects) {
  end_what_is_due(now);
  const auto known = by_outside_.find(segment.tuple.reversed());
  if (known == by_outside_.end()) {
    effects.drops.push_back({.limit = Limit::no_route, .tuple = segment.tuple});
    return;
  }
  const auto found = flows_.find(known->second);
  Segment rewritten = segment;
  rewritten.tuple.remote = found->first.local;
  effects.segments.push_back(rewritten);
  if (segment.syn && segment.ack) answered(found);
  note(found, segment, false, now);
}

// ---- the table

bool GatewayFlows::has_room(const FourTuple& newcomer, SimTime now) {
  if (!table_ || table_->held + flows_.size() < table_->max) return true;
  const auto other = unanswered_->near(newcomer, now);
  if (!other) return false;
  release(flows_.find(*other));
  return true;
}

void GatewayFlows::answered(Flows::iterator found) {
  if (table_ && !found->second.answered) unanswered_->remove(found->first);
  found->second.answered = true;
}

// ---- ports

GatewayFlows::PoolKey GatewayFlows::key_of(std::uint64_t client, const Endpoint& destination) const {
  return {destination, settings_.block == 0 ? 0 : client};
}

GatewayFlows::Pool& GatewayFlows::pool_of(std::uint64_t client, const Endpoint& destination) {
  const auto [found, is_new] = pools_.try_emplace(key_of(client, destination));
  if (is_new) {
    const auto of_family = std::count_if(addresses_.begin(), addresses_.end(), [&](const IpAddress& address) {
      return address.family() == destination.address.family();
    });
    found->second.capacity =
        settings_.block != 0 ? settings_.block : static_cast<std::uint64_t>(of_family) * settings_.of_one_address();
  }
  return found->second;
}

std::uint32_t GatewayFlows::block_of(std::uint64_t client) {
  return blocks_.try_emplace(client, static_cast<std::uint32_t>(blocks_.size())).first->second;
}

std::optional<Endpoint> GatewayFlows::choose(std::uint64_t client, const FourTuple& tuple, const Draw& draw) {
  std::uint32_t block = settings_.block == 0 ? 0 : block_of(client);
  const std::uint32_t blocks_of_one = settings_.block == 0 ? 0 : settings_.ports.size().value / settings_.block;
  for (const IpAddress& address : addresses_) {
    if (address.family() != tuple.remote.address.family()) continue;
    PortRange range = settings_.ports;
    if (settings_.block != 0) {
      // Blocks follow one another through the ports of the first address, then of the next.
      if (block >= blocks_of_one) {
        block -= blocks_of_one;
        continue;
      }
      const auto first = static_cast<std::uint16_t>(range.first.value + block * settings_.block);
      range = {Port{first}, Port{static_cast<std::uint16_t>(first + (settings_.block - 1))}};
    } else if (const auto used = in_use_.find({address, tuple.remote});
               used != in_use_.end() && used->second >= settings_.of_one_address() &&
               settings_.port_choice == NatPortChoice::any_free) {
      continue;
    }
    if (const auto port = port_at(address, range, tuple, draw)) return Endpoint{address, *port};
    if (settings_.block != 0) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Port> GatewayFlows::port_at(const IpAddress& address, const PortRange& range, const FourTuple& tuple,
                                          const Draw& draw) const {
  const auto state = [&](Port port) { return state_of({{address, port}, tuple.remote}, tuple); };
  if (settings_.port_choice == NatPortChoice::kept_or_searched) {
    if (range.contains(tuple.local.port) && state(tuple.local.port) == NatPort::free) return tuple.local.port;
    return search_nat_port(range, state, draw);
  }
  const std::uint32_t size = range.size().value;
  const std::uint32_t offset = draw() % size;
  for (std::uint32_t i = 0; i < size; ++i) {
    const Port port{static_cast<std::uint16_t>(range.first.value + (offset + i) % size)};
    if (state(port) == NatPort::free) return port;
  }
  return std::nullopt;
}

NatPort GatewayFlows::state_of(const FourTuple& outside, const FourTuple& taker) const {
  const auto known = by_outside_.find(outside);
  if (known == by_outside_.end()) return NatPort::free;
  const Flow& flow = flows_.at(known->second);
  if (!flow.over()) return NatPort::taken;
  const auto ahead = static_cast<std::int32_t>(sequence_number(taker) - sequence_number(known->second));
  return ahead > 0 ? NatPort::over : NatPort::taken;
}

// A SYN that is sent again has the same one.
std::uint32_t GatewayFlows::sequence_number(const FourTuple& client) const {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = salt_;
  const auto mix = [&](std::uint64_t part) {
    mixed = (mixed ^ part) * spread;
    mixed ^= mixed >> 29U;
  };
  for (const Endpoint* end : {&client.local, &client.remote}) {
    mix(end->address.high());
    mix(end->address.low());
    mix(end->port.value);
  }
  return static_cast<std::uint32_t>(mixed >> 32U);
}

// ---- how long

SimTime GatewayFlows::end_of(const Flow& flow, SimTime now) const {
  const auto after = [&](const std::optional<Duration>& hold) { return later(now, hold.value_or(nat_hold_unknown)); };
  if (flow.reset) return after(flow.answered ? settings_.hold_after_reset : settings_.hold_after_refusal);
  if (flow.client_closed && flow.server_closed) return after(settings_.hold_after_close);
  if (flow.client_closed || flow.server_closed) return after(settings_.half_closed);
  return flow.answered ? end_of_time : after(settings_.half_open);
}

void GatewayFlows::note(Flows::iterator found, const Segment& segment, bool from_client, SimTime now) {
  Flow& flow = found->second;
  flow.reset = flow.reset || segment.rst;
  if (segment.fin) (from_client ? flow.client_closed : flow.server_closed) = true;
  const SimTime before = flow.ends;
  flow.ends = end_of(flow, now);
  if (flow.ends <= now) return release(found);
  // One that ends later than it was planned is planned anew when that moment comes.
  if (flow.ends != end_of_time && (before == SimTime{} || before == end_of_time || flow.ends < before))
    endings_.push({flow.ends, flow.began, found->first});
}

void GatewayFlows::end_what_is_due(SimTime now) {
  while (!endings_.empty() && endings_.top().at <= now) {
    const Ending due = endings_.top();
    endings_.pop();
    const auto found = flows_.find(due.client);
    if (found == flows_.end() || found->second.began != due.began) continue;
    if (found->second.ends <= now) {
      release(found);
    } else if (found->second.ends != end_of_time) {
      endings_.push({found->second.ends, due.began, due.client});
    }
  }
}

void GatewayFlows::release(Flows::iterator found) {
  const Flow& flow = found->second;
  const Endpoint& destination = found->first.remote;
  by_outside_.erase({flow.outside, destination});
  --in_use_.at({flow.outside.address, destination});
  --pools_.at(key_of(flow.client, destination)).used;
  if (table_ && !flow.answered) unanswered_->remove(found->first);
  flows_.erase(found);
}

}  // namespace netlimits
