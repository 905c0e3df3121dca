// The course of a run: what a scenario says happens, what hosts tell their programs, and the result.
#include "sim/replay.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "model/net/bounded_time.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/rule_book.hpp"
#include "sim/client_programs.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"
#include "sim/proxies/proxy_programs.hpp"
#include "sim/running_processes.hpp"
#include "sim/scenario_layout.hpp"
#include "sim/server_holds.hpp"
#include "sim/server_programs.hpp"
#include "sim/turns.hpp"

namespace netlimits::sim {
namespace {

constexpr std::uint64_t events_per_progress = 4096;

class Replay {
 public:
  Replay(const Scenario& scenario, const ReplayOptions& options)
      : scenario_(scenario),
        options_(options),
        most_reconnections_(most_reconnections(scenario)),
        layout_(scenario, options.turns.has_value()),
        network_(layout_, balanced_endpoints(scenario), gateways_of(scenario, options.turns.value_or(scenario.seed)),
                 [this](std::uint32_t number) { begin(number); }),
        measurements_(scenario),
        processes_(network_),
        servers_(scenario, network_, processes_, holds_, measurements_, options.turns),
        clients_(scenario, layout_, network_, processes_, holds_, measurements_, options.turns),
        proxies_(scenario, network_, processes_, servers_, clients_, measurements_) {
    if (scenario.balancers.empty()) return;
    // Room for what is known to come, within reason.
    constexpr std::uint64_t most = 1U << 20U;
    std::uint64_t flows = 0;
    for (const auto& [name, workload] : scenario.workloads) flows = std::min(most, flows + workload.connections);
    network_.balancers().reserve(flows);
  }

  tl::expected<RunResult, TooMuch> run() {
    make_what_cannot_wait();
    for (std::uint32_t i = 0; i < scenario_.events.size(); ++i) {
      network_.plan(scenario_.events[i].at, {.kind = EventKind::scenario, .index = i});
      ++scenario_events_left_;
    }
    clients_.start();
    react();
    std::uint64_t events = 0;
    while (busy()) {
      const auto event = network_.next_event(scenario_.end);
      if (!event) break;
      handle(*event);
      react();
      if (++events % events_per_progress != 0) continue;
      if (auto reason = report_progress()) return tl::unexpected(*std::move(reason));
    }
    if (auto reason = too_many_windows(scenario_, measurements_.windows_so_far()))
      return tl::unexpected(*std::move(reason));
    return result();
  }

 private:
  bool busy() const {
    return scenario_.end || clients_.busy() || servers_.accepts_pending() || network_.segments_in_flight() ||
           scenario_events_left_ > 0;
  }

  void handle(const SimEvent& event) {
    switch (event.kind) {
      case EventKind::segment:
      case EventKind::host_timer:
        break;  // done by the network
      case EventKind::arrival:
        clients_.on_arrival(event.index);
        break;
      case EventKind::retry:
        clients_.on_retry(event.index);
        break;
      case EventKind::client_close:
        if (network_.is_current(event)) clients_.on_hold_over(event.index, event.instance, event.socket);
        break;
      case EventKind::server_close:
        if (network_.is_current(event)) servers_.on_hold_over(event.instance, event.socket);
        break;
      case EventKind::scheduled_accept:
        if (network_.is_current(event)) servers_.on_scheduled_accept(event.index);
        break;
      case EventKind::scenario:
        --scenario_events_left_;
        happen(scenario_.events[event.index]);
        break;
      case EventKind::balancer_note:
        --scenario_events_left_;
        notice_change(notes_[event.index]);
        break;
    }
  }

  void react() {
    while (const auto told = network_.next_told()) {
      if (const auto* notice = std::get_if<Notice>(&told->what)) {
        hear(told->node, *notice);
      } else {
        hear(told->node, std::get<Drop>(told->what));
      }
    }
  }

  void hear(std::uint32_t instance, const Notice& notice) {
    const std::uint32_t index = index_of(notice.user_data);
    switch (owner_of(notice.user_data)) {
      case Owner::nobody:
      case Owner::holder:
        break;
      case Owner::listener:
        if (notice.kind == NoticeKind::acceptable) servers_.on_acceptable(index);
        break;
      case Owner::server:
        react_as_server(instance, notice, index);
        break;
      case Owner::client:
        react_as_client(notice, index);
        break;
    }
  }

  void hear(std::uint32_t node, const Drop& drop) {
    std::optional<RefusedAccept> behind;
    std::optional<Place> place;
    if (drop.limit == Limit::conntrack_entries) {
      place = layout_.table_at(node).place;
      measurements_.meters().refused({drop.limit, *place}, network_.now());
    } else if (drop.limit == Limit::nat_ports || drop.limit == Limit::nat_block) {
      const std::uint32_t client = layout_.host_with(drop.tuple.local.address)->node;
      measurements_.meters().refused(layout_.ports_of_gateway(*network_.gateway_at(node), client, drop.tuple.remote),
                                     network_.now());
    } else if (drop.limit == Limit::time_wait_buckets) {
      measurements_.meters().refused({drop.limit, host_place(*network_.instance(node).group)}, network_.now());
    } else if (drop.listener != SocketId{}) {
      const Host& host = network_.instance(node).host;
      const std::uint64_t data = host.alive(drop.listener) ? host.view(drop.listener).user_data : 0;
      if (owner_of(data) == Owner::listener) {
        servers_.on_overflow(index_of(data), drop.limit, drop.tuple, !drop.opening);
        behind = servers_.refusing(index_of(data));
      }
    }
    if (drop.opening) {
      const FourTuple client = network_.client_view(drop.tuple.reversed());
      clients_.on_drop(client, {drop.limit, drop.answered, std::move(behind), {}, place});
    }
  }

  void react_as_server(std::uint32_t instance, const Notice& notice, std::uint32_t process) {
    if (notice.kind == NoticeKind::peer_closed) servers_.on_peer_closed(instance, notice.socket, process);
    if (notice.kind == NoticeKind::reset) servers_.on_reset(instance, notice.socket, process);
  }

  void react_as_client(const Notice& notice, std::uint32_t attempt) {
    switch (notice.kind) {
      case NoticeKind::connected:
        clients_.on_connected(attempt);
        break;
      case NoticeKind::connect_failed:
        clients_.on_connect_failed(
            attempt, notice.error.value_or(Refusal{Error::etimedout, std::nullopt, Rule::connect_timed_out}));
        break;
      case NoticeKind::peer_closed:
        clients_.on_peer_closed(attempt);
        break;
      case NoticeKind::reset:
        clients_.on_reset(attempt);
        break;
      case NoticeKind::gone:
        clients_.on_gone(attempt);
        break;
      case NoticeKind::acceptable:
      case NoticeKind::readable:
        break;
    }
  }

  // ---- hosts come into being when something first happens to them
  std::uint32_t number_of(const std::string& group, std::uint64_t instance) const {
    return layout_.first_instance(group) + static_cast<std::uint32_t>(instance);
  }

  // The first host of each group stands for all that nothing happens to. What a group holds from the beginning may end
  // by itself.
  void make_what_cannot_wait() {
    for (const auto& [name, group] : scenario_.hosts) {
      const std::uint64_t wanted = group.held_connections.empty() ? 1 : group.count;
      for (std::uint64_t i = 0; i < wanted; ++i) network_.instance(number_of(name, i));
    }
  }

  void begin(std::uint32_t number) {
    start_processes(number);
    HostInstance& on = network_.instance(number);
    for (const SettingChange* change : changed_settings_) {
      if (change->host == on.group->name) static_cast<void>(on.host.write_setting(change->name, change->value));
    }
  }

  void start_processes(std::uint32_t instance) {
    processes_.start(instance, [&](std::size_t process, const std::vector<std::uint32_t>& numbers) {
      servers_.open_listeners(instance, process, numbers);
    });
  }

  // ---- the scenario's own events
  struct BackEndChange {
    std::size_t balancer;
    Endpoint back_end;
    bool up;
  };

  void happen(const Event& event) {
    std::visit([this](const auto& what) { happen_to(what); }, event.what);
  }

  void happen_to(const HostDown& down) {
    const std::uint32_t i = number_of(down.host, down.instance);
    network_.instance(i);  // its programs were there, if nobody asked them yet
    measurements_.ended_at_server(processes_.forget(i));
    servers_.forget(i);
    clients_.forget(i);
    network_.take_down(i);
    tell_balancers(i, false);
  }

  void happen_to(const HostUp& up) {
    const std::uint32_t i = number_of(up.host, up.instance);
    if (network_.instance(i).up) return;
    network_.bring_up(i);
    start_processes(i);
    tell_balancers(i, true);
  }

  void happen_to(const BackEndDown& down) { change_back_end(down.balancer, down.back_end, false); }
  void happen_to(const BackEndUp& up) { change_back_end(up.balancer, up.back_end, true); }

  void happen_to(const SettingChange& change) {
    changed_settings_.push_back(&change);
    const HostGroup* group = &scenario_.hosts.at(change.host);
    network_.made().each([&](HostInstance& on) {
      if (on.group != group) return;
      Ceilings& ceilings = ceilings_[group];
      ceilings.files = std::max(ceilings.files, on.host.settings().file_max);
      ceilings.time_wait_buckets =
          std::max<std::uint64_t>(ceilings.time_wait_buckets, on.host.settings().max_time_wait_buckets);
      static_cast<void>(on.host.write_setting(change.name, change.value));
    });
  }

  void happen_to(const AddressAdded& added) {
    const std::uint32_t number = layout_.first_instance(added.host);
    layout_.add_address(number, added.block.address);
    network_.instance(number).host.add_address(added.block);
    clients_.on_address_added(number, added.block);
  }

  void change_back_end(const std::string& name, const Endpoint& back_end, bool up) {
    std::size_t b = 0;
    for (const auto& [balancer, configuration] : scenario_.balancers) {
      if (balancer == name) notice_change({b, back_end, up});
      ++b;
    }
  }

  void tell_balancers(std::size_t instance, bool up) {
    std::size_t b = 0;
    for (const auto& [name, balancer] : scenario_.balancers) {
      for (const Endpoint& back_end : balancer.back_ends) {
        const auto host = layout_.host_with(back_end.address);
        if (!host || host->node != instance) continue;
        notes_.push_back({b, back_end, up});
        ++scenario_events_left_;
        network_.plan(later(network_.now(), balancer.notices_after),
                      {.kind = EventKind::balancer_note, .index = static_cast<std::uint32_t>(notes_.size() - 1)});
      }
      ++b;
    }
  }

  void notice_change(const BackEndChange& change) { network_.set_up(change.balancer, change.back_end, change.up); }

  // ---- results
  // Gives a reason to stop.
  std::optional<TooMuch> report_progress() const {
    Progress progress{network_.now(), measurements_.attempts_so_far(), 0, network_.made().size()};
    for (const auto& [name, workload] : scenario_.workloads) progress.asked += workload.connections;
    if (options_.progress) options_.progress(progress);
    if (!scenario_.end && measurements_.reconnections_so_far() > most_reconnections_)
      return never_ends(measurements_.reconnections_so_far());
    if (auto reason = too_many_windows(scenario_, measurements_.windows_so_far())) return reason;
    if (network_.steps() > options_.most_steps) return too_many_steps(options_.most_steps, progress.attempted);
    return options_.stop ? options_.stop(progress) : std::nullopt;
  }

  RunResult result() {
    RunResult result;
    result.ended_at = network_.now();
    result.seed = scenario_.seed;
    for (const auto& [name, group] : scenario_.hosts) result.hosts[name];
    network_.made().each([&](const HostInstance& on) { write_host(result.hosts[on.group->name], on); });
    processes_.write(result, measurements_.meters());
    const std::uint64_t unserved = servers_.write(result);
    clients_.write_pools(measurements_.meters());
    proxies_.write_meters();
    for (const auto& [limit, pool] : layout_.gateway_pools(network_))
      measurements_.meters().add(limit, {.capacity = pool.capacity, .open = pool.used, .peak = pool.peak});
    clients_.over();
    measurements_.write(result, clients_.workload_names(), unserved);
    if (result.binding) result.binding = at_full_queue(scenario_, *result.binding, result.limits);
    clients_.write(result);
    write_balancers(scenario_, network_, result);
    return result;
  }

  void write_host(HostResult& written, const HostInstance& on) {
    const Place place = host_place(*on.group);
    const Host& host = on.host;
    const HostCounters counters = on.counters();
    written.time_wait_peak = network_.time_wait_peak(*on.group);
    written.time_wait_at_end += host.time_wait_count();
    written.listen_overflows += counters.listen_overflows;
    written.listen_drops += counters.listen_drops;
    written.syncookies_sent += counters.syncookies_sent;
    written.time_wait_overflows += counters.time_wait_overflows;
    Meters& meters = measurements_.meters();
    const auto lowered = ceilings_.find(on.group);
    const Ceilings before = lowered == ceilings_.end() ? Ceilings{} : lowered->second;
    if (on.group->set_by_scenario.contains("fs.file-max")) {
      const DescriptorUse files = host.files();
      meters.add(
          {Limit::fd_per_host, place},
          {.capacity = std::max(before.files, host.settings().file_max), .open = files.open, .peak = files.peak});
    }
    if (on.peak_time_wait_entries() > 0) {
      const std::uint64_t buckets = host.settings().max_time_wait_buckets;
      meters.add({Limit::time_wait_buckets, place}, {.capacity = std::max(before.time_wait_buckets, buckets),
                                                     .open = host.time_wait_entries(),
                                                     .peak = on.peak_time_wait_entries()});
    }
  }

  const Scenario& scenario_;
  const ReplayOptions& options_;
  std::uint64_t most_reconnections_;
  ScenarioLayout layout_;
  Network network_;
  Measurements measurements_;
  RunningProcesses processes_;
  ServerHolds holds_;
  ServerPrograms servers_;
  ClientPrograms clients_;
  ProxyPrograms proxies_;
  // What a setting was at most before an event changed it: one that is lowered takes nothing away from those who have
  // it, so that a peak may lie above what is allowed in the end.
  struct Ceilings {
    std::uint64_t files = 0;
    std::uint64_t time_wait_buckets = 0;
  };
  std::map<const HostGroup*, Ceilings> ceilings_;
  std::vector<BackEndChange> notes_;
  std::vector<const SettingChange*> changed_settings_;  // in the order in which they were made
  std::uint64_t scenario_events_left_ = 0;
};

}  // namespace

tl::expected<RunResult, TooMuch> replay_bounded(const Scenario& scenario, const ReplayOptions& options) {
  if (!options.turns) return Replay(scenario, options).run();
  const Scenario on_a_machine = with_round_trips_of(scenario, *options.turns);
  return Replay(on_a_machine, options).run();
}

RunResult replay(const Scenario& scenario, const ReplayOptions& options) {
  auto result = replay_bounded(scenario, options);
  if (!result) throw std::runtime_error(result.error().text());
  return *std::move(result);
}

}  // namespace netlimits::sim
