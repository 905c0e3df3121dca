// What happens to the other half.
#include "sim/proxies/proxy_programs.hpp"

#include <algorithm>

#include "model/scenario/places.hpp"

namespace netlimits::sim {

ProxyPrograms::ProxyPrograms(const Scenario& scenario, Network& network, RunningProcesses& processes,
                             ServerPrograms& servers, ClientPrograms& clients, Measurements& measurements)
    : network_(network),
      processes_(processes),
      servers_(servers),
      clients_(clients),
      measurements_(measurements),
      couples_(scenario),
      first_workload_(static_cast<std::uint32_t>(scenario.workloads.size())) {
  for (const auto& [name, proxy] : scenario.proxies) proxies_.push_back(&proxy);
  if (proxies_.empty()) return;
  servers_.accept_for(this);
  clients_.pass_on_for(this);
}

std::uint64_t ProxyPrograms::program_of(const AcceptedHere& here) const {
  const HostInstance& on = network_.instance(here.instance);
  const std::uint32_t first = processes_.number_of(here.instance, processes_[here.process].process, 0);
  return (here.process - first) * on.group->count + on.index;
}

std::uint64_t ProxyPrograms::used_by(std::uint32_t process) const {
  return couples_.halves(process) + processes_.configuration(processes_[process]).listeners.size();
}

PlacedLimit ProxyPrograms::limit_of(std::uint32_t process) const {
  return {Limit::proxy_connections, processes_.place_of(processes_[process])};
}

void ProxyPrograms::accepted(const AcceptedHere& here) {
  const RunningProcess& process = processes_[here.process];
  const auto proxy = couples_.proxy_at(processes_.group_of(process).name, processes_.configuration(process).name);
  if (!proxy) return;
  const std::uint64_t connection = couples_.next_of(*proxy, program_of(here));
  const std::uint32_t workload = first_workload_ + *proxy;
  const std::uint64_t most = proxies_[*proxy]->worker_connections;
  couples_.join(*proxy, connection, here);
  if (most != 0) {
    std::uint64_t& peak = most_used_[here.process];
    if (used_by(here.process) > most) {
      const PlacedLimit limit = limit_of(here.process);
      measurements_.meters().refused(limit, network_.now());
      measurements_.attempted(workload, network_.now());
      measurements_.failed(workload, network_.now(), {limit, Error::econnreset, true});
      return end_client(*proxy, connection, true);
    }
    peak = std::max(peak, used_by(here.process));
  }
  const auto attempt = clients_.pass_on(workload, connection);
  if (Couples::Couple* const couple = couples_.find(*proxy, connection)) couple->attempt = attempt;
}

void ProxyPrograms::end_client(std::uint32_t proxy, std::uint64_t connection, bool with_reset) {
  if (const auto couple = couples_.part(proxy, connection)) {
    if (couple->counted) measurements_.ended_at_server(1);
    servers_.end(couple->accepted, with_reset);
  }
}

bool ProxyPrograms::ended(const AcceptedHere& here) {
  const auto couple = couples_.part(here);
  if (!couple) return false;
  if (couple->attempt) clients_.end(*couple->attempt);
  return couple->counted;
}

void ProxyPrograms::connected(std::uint32_t workload, std::uint64_t connection) {
  Couples::Couple* const couple = couples_.find(workload - first_workload_, connection);
  if (couple == nullptr || couple->counted) return;
  couple->counted = true;
  measurements_.accepted();
}

void ProxyPrograms::came_to_nothing(std::uint32_t workload, std::uint64_t connection) {
  end_client(workload - first_workload_, connection, true);
}

void ProxyPrograms::closed(std::uint32_t workload, std::uint64_t connection) {
  end_client(workload - first_workload_, connection, false);
}

void ProxyPrograms::write_meters() const {
  for (const auto& [process, most] : most_used_) {
    const RunningProcess& running = processes_[process];
    const auto proxy = couples_.proxy_at(processes_.group_of(running).name, processes_.configuration(running).name);
    measurements_.meters().add(
        limit_of(process), {.capacity = proxies_[*proxy]->worker_connections, .open = used_by(process), .peak = most});
  }
}

}  // namespace netlimits::sim
