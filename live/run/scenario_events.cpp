// The calendar of events and consequences; then one function for each kind of event, and what a balancer does after it.
#include "live/run/scenario_events.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "live/sandbox/sock_diag.hpp"
#include "model/net/bounded_time.hpp"

namespace netlimits::live {
namespace {

// How long an event waits for servers to take what began before it.
constexpr int looks_for_accepts = 20;
constexpr int look_every_us = 1000;

}  // namespace

ScenarioEvents::ScenarioEvents(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
                               HostNetwork& network, ProcessSet& processes, std::function<void()> look)
    : scenario_(scenario),
      plan_(plan),
      records_(records),
      network_(network),
      processes_(processes),
      look_(std::move(look)),
      topology_(scenario) {
  for (const Event& event : scenario_.events) {
    const std::int64_t time = event.at.time_since_epoch().count();
    at(time,
       [this, &event, time] { return std::visit([&](const auto& what) { return happen(what, time); }, event.what); });
  }
  raise_barrier();
}

std::optional<std::int64_t> ScenarioEvents::next() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.begin()->first.first;
}

void ScenarioEvents::at(std::int64_t time, Effect what) {
  pending_.emplace(std::pair(time, next_sequence_++), std::move(what));
}

void ScenarioEvents::raise_barrier() {
  std::int64_t barrier = next().value_or(std::numeric_limits<std::int64_t>::max());
  // What is due at the very end still begins.
  if (scenario_.end) barrier = std::min(barrier, scenario_.end->time_since_epoch().count() + 1);
  records_.run().barrier = barrier;
}

SystemResult<void> ScenarioEvents::happen_until(std::int64_t now) {
  while (next() && *next() <= now) {
    const std::int64_t time = *next();
    processes_.await_beginnings_before(time, begin_within);
    await_accepts();
    look_();
    const Effect what = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    if (auto done = what(); !done) return done;
    raise_barrier();
  }
  return {};
}

// The model's servers accept in no time; what they have not accepted after a while they will not.
void ScenarioEvents::await_accepts() const {
  const RunRecord& run = records_.run();
  int quiet_looks = 0;
  for (std::int64_t last = run.underway; run.underway > run.parked && quiet_looks < looks_for_accepts; ++quiet_looks) {
    ::usleep(look_every_us);
    if (run.underway != last) quiet_looks = 0;
    last = run.underway;
  }
}

void ScenarioEvents::remark(const std::string& text) {
  std::string remarks = records_.run().remarks.text();
  if (remarks.find(text) != std::string::npos) return;
  records_.run().remarks.set(remarks + text + "\n");
}

std::optional<std::size_t> ScenarioEvents::place_of(const std::string& group, std::uint64_t instance) const {
  for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
    const NamespacePlan& plan = plan_.namespaces[where];
    if (plan.group->name == group && plan.first_instance <= instance && instance < plan.first_instance + plan.instances)
      return where;
  }
  return std::nullopt;
}

std::vector<std::size_t> ScenarioEvents::back_ends_on(const Balancer& balancer, const Topology::Owner& host) const {
  std::vector<std::size_t> ends;
  for (std::size_t e = 0; e < balancer.back_ends.size(); ++e) {
    if (topology_.owner_of(balancer.back_ends[e].address) == host) ends.push_back(e);
  }
  return ends;
}

SystemResult<void> ScenarioEvents::happen(const HostDown& down, std::int64_t time) {
  const auto where = place_of(down.host, down.instance);
  if (!where || !network_.is_up(*where)) return {};
  std::size_t b = 0;
  for (const auto& [name, balancer] : scenario_.balancers) {
    const std::vector<std::size_t> ends = back_ends_on(balancer, {down.host, down.instance});
    if (!ends.empty())
      at(bounded_sum(Duration(time), balancer.notices_after).count(), [this, b, ends] { return take_out(b, ends); });
    ++b;
  }
  if (auto cut = network_.take_down(*where); !cut) return cut;
  return processes_.take_down(*where, time);
}

SystemResult<void> ScenarioEvents::happen(const HostUp& up, std::int64_t time) {
  const auto where = place_of(up.host, up.instance);
  if (!where || network_.is_up(*where)) return {};
  if (auto done = network_.bring_up(*where); !done) return done;
  if (auto done = processes_.bring_up(*where, time); !done) return done;
  std::size_t b = 0;
  for (const auto& [name, balancer] : scenario_.balancers) {
    const std::vector<std::size_t> ends = back_ends_on(balancer, {up.host, up.instance});
    if (!ends.empty()) {
      at(bounded_sum(Duration(time), balancer.notices_after).count(),
         [this, b, ends] { return network_.set_back_ends(b, ends, true); });
    }
    ++b;
  }
  return {};
}

SystemResult<void> ScenarioEvents::change_back_end(const std::string& name, const Endpoint& back_end, bool up) {
  std::size_t b = 0;
  for (const auto& [each, balancer] : scenario_.balancers) {
    for (std::size_t e = 0; each == name && e < balancer.back_ends.size(); ++e) {
      if (balancer.back_ends[e] != back_end) continue;
      if (auto done = up ? network_.set_back_ends(b, {e}, true) : take_out(b, {e}); !done) return done;
    }
    ++b;
  }
  return {};
}

SystemResult<void> ScenarioEvents::happen(const BackEndDown& down, std::int64_t /*time*/) {
  return change_back_end(down.balancer, down.back_end, false);
}
SystemResult<void> ScenarioEvents::happen(const BackEndUp& up, std::int64_t /*time*/) {
  return change_back_end(up.balancer, up.back_end, true);
}

SystemResult<void> ScenarioEvents::happen(const SettingChange& change, std::int64_t /*time*/) {
  for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
    if (plan_.namespaces[where].group->name != change.host || !network_.is_up(where)) continue;
    // The model's kernel refuses what this one refuses, and goes on.
    if (auto done = network_.change_setting(where, change.name, change.value); !done)
      remark("the kernel refused to set " + change.name + ": " + done.error().text());
  }
  return {};
}

SystemResult<void> ScenarioEvents::happen(const AddressAdded& added, std::int64_t /*time*/) {
  const auto where = place_of(added.host, 0);
  if (!where || !network_.is_up(*where)) return {};
  return network_.add_address(*where, added.block);
}

// First the rotation, and only then the resets: a client that comes back must not be sent to the dead host.
SystemResult<void> ScenarioEvents::take_out(std::size_t balancer, const std::vector<std::size_t>& back_ends) {
  if (auto done = network_.set_back_ends(balancer, back_ends, false); !done) return done;
  auto carried = network_.carried(balancer, back_ends);
  if (!carried) return tl::unexpected(carried.error());
  if (auto done = reset(*carried); !done) return done;
  return network_.forget(balancer, *carried);
}

// The balancer resets connections at both ends: the client's socket is destroyed, which sends a reset to the other. Its
// program sees ECONNABORTED where a reset would say ECONNREFUSED or ECONNRESET (live/run/client_side.cpp takes it as
// that).
SystemResult<void> ScenarioEvents::reset(const std::vector<FourTuple>& as_clients_see) const {
  std::map<std::size_t, std::vector<FourTuple>> by_host;
  for (const FourTuple& tuple : as_clients_see) {
    const auto owner = topology_.owner_of(tuple.local.address);
    const auto where = owner ? place_of(owner->group, owner->instance) : std::nullopt;
    if (where && network_.is_up(*where)) by_host[*where].push_back(tuple);
  }
  for (const auto& [where, tuples] : by_host) {
    auto visit = Visit::to(network_.host(where));
    if (!visit) return tl::unexpected(visit.error());
    if (auto done = destroy_tcp_sockets(tuples); !done) return done;
  }
  return {};
}

}  // namespace netlimits::live
