#include "sim/script_network.hpp"

#include <algorithm>

namespace netlimits::sim {

HostSlot ScriptNetwork::add(HostConfig config) {
  hosts_.push_back(std::make_unique<Host>(std::move(config)));
  return static_cast<HostSlot>(hosts_.size() - 1);
}

void ScriptNetwork::finish(HostSlot host) {
  take(host);
  deliver_in_flight();
}

HostSlot ScriptNetwork::owner_of(IpAddress address, HostSlot sender) const {
  if (hosts_[sender]->owns(address)) return sender;
  for (HostSlot host = 0; host < hosts_.size(); ++host)
    if (host != sender && !address.is_loopback() && hosts_[host]->owns(address)) return host;
  return nowhere;
}

void ScriptNetwork::take(HostSlot host) {
  for (const Segment& segment : effects_.segments) {
    const HostSlot to = owner_of(segment.tuple.remote.address, host);
    if (to != nowhere) in_flight_.emplace_back(segment, to);
  }
  for (const TimerRequest& timer : effects_.timers) timers_.push({timer, sequence_++, host});
  for (const Notice& notice : effects_.notices) hear_(notice);
  effects_.clear();
}

void ScriptNetwork::deliver_in_flight() {
  while (!in_flight_.empty()) {
    const auto [segment, to] = in_flight_.front();
    in_flight_.pop_front();
    hosts_[to]->deliver(segment, now_, effects_);
    take(to);
  }
}

bool ScriptNetwork::fire_next(SimTime deadline) {
  if (timers_.empty() || timers_.top().request.at > deadline) {
    now_ = deadline;
    return false;
  }
  const SimTime instant = timers_.top().request.at;
  now_ = std::max(now_, instant);
  // All timers of a tick fire before anything that they send arrives: a kernel's timers run in one softirq, its
  // receiving in the next.
  while (!timers_.empty() && timers_.top().request.at == instant) {
    const PendingTimer due = timers_.top();
    timers_.pop();
    hosts_[due.host]->on_timer(due.request, now_, effects_);
    take(due.host);
  }
  deliver_in_flight();
  return true;
}

}  // namespace netlimits::sim
