// Back ends by who has their address.
#include "analysis/hosts_behind.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace netlimits::analysis {

std::vector<std::pair<std::string, std::vector<Endpoint>>> hosts_behind(const Scenario& scenario, const Wiring& wiring,
                                                                        const Balancer& balancer) {
  std::vector<std::pair<std::string, std::vector<Endpoint>>> hosts;
  for (const Endpoint& back_end : balancer.back_ends) {
    const auto owner = wiring.topology().owner_of(back_end.address);
    std::string host;
    if (owner) {
      host = owner->group;
      if (scenario.hosts.at(host).count > 1) host += fmt::format("[{}]", owner->instance);
    }
    const auto known =
        std::find_if(hosts.begin(), hosts.end(), [&](const auto& one) { return !host.empty() && one.first == host; });
    if (known == hosts.end()) {
      hosts.push_back({host, {back_end}});
    } else {
      known->second.push_back(back_end);
    }
  }
  return hosts;
}

std::string texts_of(const std::vector<Endpoint>& back_ends) {
  std::string text;
  for (const Endpoint& back_end : back_ends) text += (text.empty() ? "" : ", ") + back_end.text();
  return text;
}

}  // namespace netlimits::analysis
