// Both directions of the same pairs, kept together.
#include "sim/proxies/couples.hpp"

namespace netlimits::sim {

Couples::Couples(const Scenario& scenario) {
  for (const auto& [name, proxy] : scenario.proxies) {
    const HostGroup& host = scenario.hosts.at(proxy.host);
    Passing passing{.proxy = &proxy};
    for (const Process& process : host.processes)
      if (process.name == proxy.process) passing.programs = host.count * process.count;
    passing.rounds.resize(passing.programs);
    proxies_.push_back(std::move(passing));
  }
}

std::optional<std::uint32_t> Couples::proxy_at(const std::string& host, const std::string& process) const {
  for (std::uint32_t i = 0; i < proxies_.size(); ++i)
    if (proxies_[i].proxy->host == host && proxies_[i].proxy->process == process) return i;
  return std::nullopt;
}

std::uint64_t Couples::next_of(std::uint32_t proxy, std::uint64_t program) {
  Passing& passing = proxies_[proxy];
  return passing.rounds[program]++ * passing.programs + program;
}

Couples::Couple& Couples::join(std::uint32_t proxy, std::uint64_t connection, const AcceptedHere& accepted) {
  by_socket_.insert_or_assign({accepted.instance, accepted.socket}, std::pair(proxy, connection));
  ++couples_of_[accepted.process];
  return by_connection_.insert_or_assign({proxy, connection}, Couple{accepted, proxy, connection}).first->second;
}

Couples::Couple* Couples::find(std::uint32_t proxy, std::uint64_t connection) {
  const auto found = by_connection_.find({proxy, connection});
  return found == by_connection_.end() ? nullptr : &found->second;
}

std::optional<Couples::Couple> Couples::part(std::uint32_t proxy, std::uint64_t connection) {
  const auto found = by_connection_.find({proxy, connection});
  if (found == by_connection_.end()) return std::nullopt;
  const Couple couple = found->second;
  by_connection_.erase(found);
  by_socket_.erase({couple.accepted.instance, couple.accepted.socket});
  --couples_of_[couple.accepted.process];
  return couple;
}

std::optional<Couples::Couple> Couples::part(const AcceptedHere& accepted) {
  const auto found = by_socket_.find({accepted.instance, accepted.socket});
  if (found == by_socket_.end()) return std::nullopt;
  const auto [proxy, connection] = found->second;
  return part(proxy, connection);
}

std::uint64_t Couples::halves(std::uint32_t process) const {
  const auto found = couples_of_.find(process);
  return found == couples_of_.end() ? 0 : 2 * found->second;
}

}  // namespace netlimits::sim
