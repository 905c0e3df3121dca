#include "live/director.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "live/census.hpp"
#include "live/child_process.hpp"
#include "live/host_network.hpp"
#include "live/own_descriptors.hpp"
#include "live/server_side.hpp"
#include "live/sock_diag.hpp"
#include "live/socket_address.hpp"
#include "live/worker.hpp"
#include "model/topology.hpp"

namespace netlimits::live {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t look_every = 5 * millisecond;
constexpr std::int64_t sample_every = 250 * millisecond;
constexpr std::int64_t prepare_within = 60'000 * millisecond;
constexpr std::int64_t measure_within = 10'000 * millisecond;
constexpr std::uint64_t ports_of_a_holder = 10'000;

std::size_t holders_of(const HostGroup& group) {
  std::uint64_t ports = 0;
  for (const HeldPorts& held : group.held_ports) ports += held.ports.size().value;
  const std::uint64_t each = std::min(ports_of_a_holder, hard_descriptor_limit() - 16);
  return (ports + each - 1) / each;
}

// A process that is no part of the scenario binds and listens on some of the held ports, and keeps them.
int hold_ports(WorkerRecord& record, const HostGroup& group, std::size_t holder) {
  const std::uint64_t each = std::min(ports_of_a_holder, hard_descriptor_limit() - 16);
  const auto held = hold_exactly({.nofile = hard_descriptor_limit(), .own_descriptors = 1, .with_epoll = false}, {});
  std::uint64_t number = 0;
  std::string trouble = held ? std::string() : held.error().text();
  for (const HeldPorts& ports : group.held_ports) {
    for (std::uint32_t port = ports.ports.first.value; port <= ports.ports.last.value; ++port, ++number) {
      if (number / each != holder || !trouble.empty()) continue;
      const Endpoint endpoint{ports.address, Port{static_cast<std::uint16_t>(port)}};
      const int descriptor = ::socket(family_number(endpoint.address.family()), SOCK_STREAM | SOCK_CLOEXEC, 0);
      const SocketAddress name = socket_address(endpoint);
      if (descriptor < 0 || ::bind(descriptor, name.get(), name.length) != 0 || ::listen(descriptor, 1) != 0)
        trouble = system_failure("hold port " + endpoint.text()).value().text();
    }
  }
  record.trouble.set(trouble);
  record.state = static_cast<std::uint32_t>(trouble.empty() ? WorkerState::ready : WorkerState::failed);
  for (;;) ::pause();
}

class Director {
 public:
  Director(const Scenario& scenario, const RunPlan& plan, const Board& board, const DirectorOptions& options)
      : scenario_(scenario), plan_(plan), board_(board), options_(options), topology_(scenario) {}

  void run() {
    auto network = HostNetwork::build(scenario_, plan_);
    if (!network) return give_up(network.error().text());
    network_.emplace(std::move(*network));
    census_.emplace(scenario_, plan_, board_, *network_);
    for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
      if (auto started = start_host(where, false); !started) return give_up(started.error().text());
    }
    if (!all_reach(WorkerState::ready, prepare_within)) return;
    schedule_events();
    board_.run().started_at = monotonic_nanoseconds();
    enter(Phase::running);
    while (!over()) {
      if (!trouble_of_workers().empty()) return give_up(trouble_of_workers());
      sample();
      const std::int64_t until = next_look();
      wait_while(never_, 0, std::chrono::nanoseconds(std::max<std::int64_t>(until - now(), 0)));
    }
    board_.run().ended_at = ended_at_.value_or(now());
    enter(Phase::measuring);
    all_reach(WorkerState::measured, measure_within);
    measure();
  }

 private:
  struct Running {
    std::size_t where;
    std::size_t record;
    ChildProcess process;
  };

  std::int64_t now() const { return monotonic_nanoseconds() - board_.run().started_at; }

  void enter(Phase phase) {
    board_.run().phase = static_cast<std::uint32_t>(phase);
    wake_all(board_.run().phase);
  }

  void give_up(const std::string& why) { board_.run().trouble.set(why); }

  void remark(const std::string& text) {
    std::string remarks = board_.run().remarks.text();
    if (remarks.find(text) != std::string::npos) return;
    board_.run().remarks.set(remarks + text + "\n");
  }

  // ---- processes
  SystemResult<void> start_host(std::size_t where, bool again) {
    const HostGroup& group = *plan_.namespaces[where].group;
    // In the order in which the model opens them: the scenario's own listeners first.
    std::vector<int> shared(plan_.listeners.size(), -1);
    {
      auto visit = Visit::to(network_->host(where));
      if (!visit) return tl::unexpected(visit.error());
      for (std::size_t i = 0; i < plan_.listeners.size(); ++i) {
        if (plan_.listeners[i].where != where || !plan_.listeners[i].opened_by_leader) continue;
        auto opened = open_listener(*plan_.listeners[i].listener);
        if (!opened) return tl::unexpected(opened.error());
        shared[i] = *opened;
      }
    }
    SystemResult<void> result;
    for (std::size_t p = 0; p < plan_.processes.size() && result; ++p) {
      if (plan_.processes[p].where != where) continue;
      WorkerTask task{&scenario_, &plan_, &board_, p, again ? next_record_++ : p, again, shared};
      result = start(where, task.record, [task] { return run_worker(task); });
    }
    for (std::size_t holder = 0; holder < holders_of(group) && result; ++holder) {
      const std::size_t record = next_record_++;
      result = start(where, record, [&, record] { return hold_ports(board_.workers[record], group, holder); });
      holders_.push_back(record);
    }
    for (const int descriptor : shared) {
      if (descriptor >= 0) ::close(descriptor);
    }
    return result;
  }

  SystemResult<void> start(std::size_t where, std::size_t record, const std::function<int()>& body) {
    auto child = spawn(network_->host(where), body);
    if (!child) return tl::unexpected(child.error());
    running_.push_back({where, record, std::move(*child)});
    return {};
  }

  bool is_holder(std::size_t record) const {
    return std::find(holders_.begin(), holders_.end(), record) != holders_.end();
  }

  // Gives up, and says so on the board, when a worker fails or time runs out.
  bool all_reach(WorkerState wanted, std::int64_t within) {
    const std::int64_t end = monotonic_nanoseconds() + within;
    for (;;) {
      if (const std::string trouble = trouble_of_workers(); !trouble.empty()) {
        give_up(trouble);
        return false;
      }
      const bool all = std::all_of(running_.begin(), running_.end(), [&](const Running& each) {
        if (wanted == WorkerState::measured && is_holder(each.record)) return true;
        return board_.workers[each.record].state >= static_cast<std::uint32_t>(wanted);
      });
      if (all) return true;
      if (monotonic_nanoseconds() > end) {
        give_up("its processes did not answer in time");
        return false;
      }
      ::usleep(1000);
    }
  }

  std::string trouble_of_workers() {
    for (Running& each : running_) {
      const WorkerRecord& record = board_.workers[each.record];
      if (const std::string trouble = record.trouble.text(); !trouble.empty())
        return plan_.namespaces[each.where].group->name + ": " + trouble;
      if (const auto code = each.process.ended())
        return plan_.namespaces[each.where].group->name + ": a process ended by itself with code " +
               std::to_string(*code);
    }
    return {};
  }

  // ---- the course of the run
  std::int64_t next_look() const {
    std::int64_t until = now() + look_every;
    if (!pending_.empty()) until = std::min(until, pending_.begin()->first.first);
    if (scenario_.end) until = std::min(until, scenario_.end->time_since_epoch().count());
    return until;
  }

  bool over() {
    while (!pending_.empty() && pending_.begin()->first.first <= now()) {
      const auto what = std::move(pending_.begin()->second);
      pending_.erase(pending_.begin());
      if (auto done = what(); !done) {
        give_up(done.error().text());
        return true;
      }
    }
    const std::int64_t time = now();
    if (scenario_.end && time >= scenario_.end->time_since_epoch().count()) {
      ended_at_ = scenario_.end->time_since_epoch().count();
      return true;
    }
    if (time >= options_.at_most.count()) {
      board_.run().out_of_time = 1;
      return true;
    }
    if (!nothing_left(time)) return false;
    if (!scenario_.end) {
      ended_at_ = *quiet_since_;
      return true;
    }
    // Until its end the scenario has nothing but TIME_WAIT entries to wait for.
    if (auto left = census_->take(time); left && *left == 0) {
      ended_at_ = scenario_.end->time_since_epoch().count();
      return true;
    }
    return false;
  }

  // Nothing is left to do when every worker says so in two rounds of asking and none did anything between them: what
  // one does can be the other's next event.
  bool nothing_left(std::int64_t time) {
    std::uint64_t unfinished = pending_.size();
    std::uint64_t activity = 0;
    bool all_answered = true;
    for (const Running& each : running_) {
      if (is_holder(each.record)) continue;
      const WorkerRecord& record = board_.workers[each.record];
      all_answered = all_answered && record.idle_in_round == board_.run().round;
      unfinished += record.unfinished;
      activity += record.activity;
    }
    if (unfinished > 0) {
      quiet_since_.reset();
      return false;
    }
    const bool first = !quiet_since_;
    if (first) quiet_since_ = time;
    if (!first && !all_answered) return false;
    const bool same = !first && activity_of_round_ == activity;
    activity_of_round_ = first ? std::nullopt : std::optional(activity);
    ++board_.run().round;
    return same;
  }

  void sample() {
    const std::int64_t time = now();
    if (time < next_sample_) return;
    static_cast<void>(census_->take(time));
    // At most a twentieth of the time is spent on looking.
    next_sample_ = now() + std::max(sample_every, 20 * (now() - time));
  }

  // ---- the scenario's events
  void at(std::int64_t time, std::function<SystemResult<void>()> what) {
    pending_.emplace(std::pair(time, next_sequence_++), std::move(what));
  }

  void schedule_events() {
    for (const Event& event : scenario_.events) {
      at(event.at.time_since_epoch().count(),
         [this, &event] { return std::visit([this](const auto& what) { return happen(what); }, event.what); });
    }
  }

  std::optional<std::size_t> place_of(const std::string& group, std::uint64_t instance) const {
    for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
      const NamespacePlan& plan = plan_.namespaces[where];
      if (plan.group->name == group && plan.first_instance <= instance &&
          instance < plan.first_instance + plan.instances)
        return where;
    }
    return std::nullopt;
  }

  std::vector<std::size_t> back_ends_on(const Balancer& balancer, const Topology::Owner& host) const {
    std::vector<std::size_t> ends;
    for (std::size_t e = 0; e < balancer.back_ends.size(); ++e) {
      if (topology_.owner_of(balancer.back_ends[e].address) == host) ends.push_back(e);
    }
    return ends;
  }

  SystemResult<void> happen(const HostDown& down) {
    const auto where = place_of(down.host, down.instance);
    if (!where || !network_->is_up(*where)) return {};
    std::size_t b = 0;
    for (const auto& [name, balancer] : scenario_.balancers) {
      std::vector<FourTuple> carried;
      const std::vector<std::size_t> ends = back_ends_on(balancer, {down.host, down.instance});
      for (const std::size_t e : ends) {
        const std::vector<FourTuple> more = carried_by(balancer, e);
        carried.insert(carried.end(), more.begin(), more.end());
      }
      // All of them at once, and only then the resets: a client that comes back must not be sent to the dead host.
      if (!ends.empty()) {
        at(now() + balancer.notices_after.count(), [this, b, ends, carried]() -> SystemResult<void> {
          for (const std::size_t e : ends) {
            if (auto done = network_->set_back_end(b, e, false); !done) return done;
          }
          return reset(carried);
        });
      }
      ++b;
    }
    if (auto cut = network_->take_down(*where); !cut) return cut;
    for (Running& each : running_) {
      if (each.where != *where) continue;
      each.process.kill();
      each.process.wait();
      board_.workers[each.record].unfinished = 0;
    }
    std::erase_if(running_, [&](const Running& each) { return each.where == *where; });
    return {};
  }

  SystemResult<void> happen(const HostUp& up) {
    const auto where = place_of(up.host, up.instance);
    if (!where || network_->is_up(*where)) return {};
    if (auto done = network_->bring_up(*where); !done) return done;
    if (auto done = start_host(*where, true); !done) return done;
    std::size_t b = 0;
    for (const auto& [name, balancer] : scenario_.balancers) {
      for (const std::size_t e : back_ends_on(balancer, {up.host, up.instance})) {
        at(now() + balancer.notices_after.count(), [this, b, e] { return network_->set_back_end(b, e, true); });
      }
      ++b;
    }
    return {};
  }

  SystemResult<void> change_back_end(const std::string& name, const Endpoint& back_end, bool up) {
    std::size_t b = 0;
    for (const auto& [each, balancer] : scenario_.balancers) {
      for (std::size_t e = 0; each == name && e < balancer.back_ends.size(); ++e) {
        if (balancer.back_ends[e] != back_end) continue;
        const std::vector<FourTuple> carried = up ? std::vector<FourTuple>() : carried_by(balancer, e);
        if (auto done = network_->set_back_end(b, e, up); !done) return done;
        if (auto done = reset(carried); !done) return done;
      }
      ++b;
    }
    return {};
  }
  SystemResult<void> happen(const BackEndDown& down) { return change_back_end(down.balancer, down.back_end, false); }
  SystemResult<void> happen(const BackEndUp& up) { return change_back_end(up.balancer, up.back_end, true); }

  SystemResult<void> happen(const SettingChange& change) {
    for (std::size_t where = 0; where < plan_.namespaces.size(); ++where) {
      if (plan_.namespaces[where].group->name != change.host || !network_->is_up(where)) continue;
      if (auto done = network_->change_setting(where, change.name, change.value); !done)
        remark("the kernel refused to set " + change.name + ": " + done.error().text());
    }
    return {};
  }

  SystemResult<void> happen(const AddressAdded& added) {
    const auto where = place_of(added.host, 0);
    if (!where || !network_->is_up(*where)) return {};
    return network_->add_address(*where, added.block);
  }

  // The connections that the back end has from clients of the balancer, as the clients see them. A pass-through
  // balancer keeps the client's address and port, so the back end's own sockets tell.
  std::vector<FourTuple> carried_by(const Balancer& balancer, std::size_t back_end) {
    std::vector<FourTuple> carried;
    const Endpoint& endpoint = balancer.back_ends[back_end];
    const auto owner = topology_.owner_of(endpoint.address);
    const auto where = owner ? place_of(owner->group, owner->instance) : std::nullopt;
    if (!where || !network_->is_up(*where)) return carried;
    auto visit = Visit::to(network_->host(*where));
    if (!visit) return carried;
    static_cast<void>(each_tcp_socket(state_bit(TcpState::established), [&](const SeenSocket& seen) {
      if (seen.tuple.local == endpoint) carried.push_back({seen.tuple.remote, balancer.endpoint});
    }));
    return carried;
  }

  // The balancer resets connections at both ends: the client's socket is destroyed, which sends a reset to the other.
  SystemResult<void> reset(const std::vector<FourTuple>& as_clients_see) {
    std::map<std::size_t, std::vector<FourTuple>> by_host;
    for (const FourTuple& tuple : as_clients_see) {
      const auto owner = topology_.owner_of(tuple.local.address);
      const auto where = owner ? place_of(owner->group, owner->instance) : std::nullopt;
      if (where && network_->is_up(*where)) by_host[*where].push_back(tuple);
    }
    for (const auto& [where, tuples] : by_host) {
      auto visit = Visit::to(network_->host(where));
      if (!visit) return tl::unexpected(visit.error());
      if (auto done = destroy_tcp_sockets(tuples); !done) return done;
    }
    return {};
  }

  // ---- measuring
  void measure() {
    if (auto done = census_->take(board_.run().ended_at); !done) give_up(done.error().text());
    if (!network_->balances()) return;
    auto counts = network_->back_end_counts();
    if (!counts) return give_up(counts.error().text());
    std::size_t index = 0;
    for (const auto& of_balancer : *counts) {
      for (const std::uint64_t count : of_balancer) board_.back_ends[index++].connections = count;
    }
  }

  const Scenario& scenario_;
  const RunPlan& plan_;
  const Board& board_;
  const DirectorOptions& options_;
  Topology topology_;
  std::optional<HostNetwork> network_;
  std::optional<Census> census_;
  std::vector<Running> running_;
  std::vector<std::size_t> holders_;
  std::size_t next_record_ = plan_.processes.size();
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<SystemResult<void>()>> pending_;
  std::uint64_t next_sequence_ = 0;
  std::int64_t next_sample_ = sample_every;
  std::optional<std::int64_t> quiet_since_;
  std::optional<std::uint64_t> activity_of_round_;  // in all when the round before was answered
  std::optional<std::int64_t> ended_at_;
  std::atomic<std::uint32_t> never_{0};
};

}  // namespace

std::size_t worker_records(const Scenario& scenario, const RunPlan& plan) {
  std::size_t records = plan.processes.size();
  for (const NamespacePlan& host : plan.namespaces) records += holders_of(*host.group);
  for (const Event& event : scenario.events) {
    const auto* up = std::get_if<HostUp>(&event.what);
    if (up == nullptr) continue;
    const HostGroup& group = scenario.hosts.at(up->host);
    for (const Process& process : group.processes) records += process.count;
    records += holders_of(group);
  }
  return records;
}

void direct(const Scenario& scenario, const RunPlan& plan, const Board& board, const DirectorOptions& options) {
  rlimit limit{hard_descriptor_limit(), hard_descriptor_limit()};
  ::setrlimit(RLIMIT_NOFILE, &limit);
  Director(scenario, plan, board, options).run();
}

}  // namespace netlimits::live
