#include "sim/replay.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "model/scenario/places.hpp"
#include "sim/client_programs.hpp"
#include "sim/measurements.hpp"
#include "sim/network.hpp"
#include "sim/server_programs.hpp"

namespace netlimits::sim {
namespace {

constexpr std::uint64_t events_per_progress = 4096;

class Replay {
 public:
  Replay(const Scenario& scenario, const ReplayOptions& options)
      : scenario_(scenario),
        options_(options),
        network_(scenario),
        measurements_(scenario),
        servers_(network_, measurements_),
        clients_(scenario, network_, measurements_, servers_) {}

  RunResult run() {
    for (std::size_t i = 0; i < network_.instance_count(); ++i) servers_.start(i);
    for (std::uint32_t i = 0; i < scenario_.events.size(); ++i) {
      push(network_.queue(), scenario_.events[i].at, {.kind = EventKind::scenario, .index = i});
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
      if (options_.progress && ++events % events_per_progress == 0) report_progress();
    }
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
        clients_.on_hold_over(event.index, event.socket);
        break;
      case EventKind::server_close:
        if (network_.is_current(event)) servers_.on_hold_over(event.instance, event.socket);
        break;
      case EventKind::paced_accept:
        if (network_.is_current(event)) servers_.on_paced_accept(event.index);
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
    while (const auto placed = network_.next_notice()) {
      const Notice& notice = placed->notice;
      const std::uint32_t index = index_of(notice.user_data);
      switch (owner_of(notice.user_data)) {
        case Owner::nobody:
        case Owner::holder:
          break;
        case Owner::listener:
          if (notice.kind == NoticeKind::acceptable) servers_.on_acceptable(index);
          break;
        case Owner::server:
          react_as_server(placed->instance, notice, index);
          break;
        case Owner::client:
          react_as_client(notice, index);
          break;
      }
    }
    servers_.note_drops();
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
    const std::size_t i = network_.first_instance(down.host) + down.instance;
    servers_.forget(i);
    clients_.forget(i);
    network_.take_down(i);
    tell_balancers(i, false);
  }

  void happen_to(const HostUp& up) {
    const std::size_t i = network_.first_instance(up.host) + up.instance;
    network_.bring_up(i);
    servers_.start(i);
    tell_balancers(i, true);
  }

  void happen_to(const BackEndDown& down) { change_back_end(down.balancer, down.back_end, false); }
  void happen_to(const BackEndUp& up) { change_back_end(up.balancer, up.back_end, true); }

  void happen_to(const SettingChange& change) {
    const HostGroup& group = scenario_.hosts.at(change.host);
    for (std::uint64_t i = 0; i < group.count; ++i) {
      HostInstance& instance = network_.instance(network_.first_instance(change.host) + i);
      static_cast<void>(instance.host.write_setting(change.name, change.value));
    }
  }

  void happen_to(const AddressAdded& added) {
    const std::size_t instance = network_.first_instance(added.host);
    network_.add_address(instance, added.block);
    clients_.on_address_added(instance, added.block);
  }

  void change_back_end(const std::string& name, const Endpoint& back_end, bool up) {
    BalancerFlows& balancers = network_.balancers();
    for (std::size_t b = 0; b < balancers.size(); ++b) {
      if (balancers.configuration(b).name == name) notice_change({b, back_end, up});
    }
  }

  void tell_balancers(std::size_t instance, bool up) {
    BalancerFlows& balancers = network_.balancers();
    for (std::size_t b = 0; b < balancers.size(); ++b) {
      const Balancer& balancer = balancers.configuration(b);
      for (const Endpoint& back_end : balancer.back_ends) {
        if (network_.owner_of(back_end.address) != instance) continue;
        notes_.push_back({b, back_end, up});
        ++scenario_events_left_;
        push(network_.queue(), network_.now() + balancer.notices_after,
             {.kind = EventKind::balancer_note, .index = static_cast<std::uint32_t>(notes_.size() - 1)});
      }
    }
  }

  void notice_change(const BackEndChange& change) {
    network_.balancers().set_up(change.balancer, change.back_end, change.up);
    if (!change.up) network_.reset_flows(network_.balancers().end_flows(change.balancer, change.back_end));
  }

  // ---- results
  void report_progress() const {
    Progress progress{network_.now(), measurements_.attempts_so_far(), 0};
    for (const auto& [name, workload] : scenario_.workloads) progress.asked += workload.connections;
    options_.progress(progress);
  }

  RunResult result() {
    RunResult result;
    result.ended_at = network_.now();
    result.seed = scenario_.seed;
    for (const auto& [name, group] : scenario_.hosts) write_hosts(result.hosts[name], group);
    const std::uint64_t unserved = servers_.write(result);
    clients_.write_pools();
    measurements_.write(result, clients_.workload_names(), unserved);
    clients_.write(result);
    write_balancers(result);
    return result;
  }

  void write_hosts(HostResult& written, const HostGroup& group) {
    const Place place = host_place(group);
    const bool limits_files = group.set_by_scenario.contains("fs.file-max");
    const std::size_t first = network_.first_instance(group.name);
    for (std::size_t i = first; i < first + group.count; ++i) {
      const Host& host = network_.instance(i).host;
      const HostCounters& counters = host.counters();
      written.time_wait_peak = std::max(written.time_wait_peak, host.peak_time_wait());
      written.time_wait_at_end += host.time_wait_count();
      written.listen_overflows += counters.listen_overflows;
      written.listen_drops += counters.listen_drops;
      written.syncookies_sent += counters.syncookies_sent;
      written.time_wait_overflows += counters.time_wait_overflows;
      if (limits_files) measurements_.use({Limit::fd_per_host, place}, host.settings().file_max, host.files().peak);
      if (host.peak_time_wait() > 0) {
        measurements_.use({Limit::time_wait_buckets, place}, host.settings().max_time_wait_buckets,
                          host.peak_time_wait());
      }
      if (counters.time_wait_overflows > 0) measurements_.exhausted({Limit::time_wait_buckets, place}, network_.now());
    }
  }

  void write_balancers(RunResult& result) const {
    const BalancerFlows& balancers = network_.balancers();
    for (std::size_t b = 0; b < balancers.size(); ++b) {
      const Balancer& balancer = balancers.configuration(b);
      std::vector<BackEndResult>& written = result.balancers[balancer.name];
      for (std::size_t e = 0; e < balancer.back_ends.size(); ++e) {
        const auto& counts = balancers.counts(b, e);
        written.push_back({balancer.back_ends[e].text(), counts.connections, counts.open});
      }
    }
  }

  const Scenario& scenario_;
  const ReplayOptions& options_;
  Network network_;
  Measurements measurements_;
  ServerPrograms servers_;
  ClientPrograms clients_;
  std::vector<BackEndChange> notes_;
  std::uint64_t scenario_events_left_ = 0;
};

}  // namespace

RunResult replay(const Scenario& scenario, const ReplayOptions& options) { return Replay(scenario, options).run(); }

}  // namespace netlimits::sim
