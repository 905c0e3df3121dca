// What a script says of its hosts, as configurations, and who of them takes a segment.
#include "sim/script_layout.hpp"

#include <utility>

#include "model/systems/os_profile.hpp"

namespace netlimits::sim {

std::optional<std::string> ScriptLayout::add_hosts(const Script& script, const ProfileNamed& profile_named,
                                                   const std::shared_ptr<GroupDraws>& draws) {
  for (const auto& [name, wanted] : script.hosts) {
    HostConfig config;
    config.name = name;
    config.profile = profile_named(wanted.os);
    if (!config.profile) return "there is no profile \"" + wanted.os + "\"";
    config.settings = config.profile->settings;
    config.devices = wanted.devices;
    config.addresses_on_loopback = script.hosts.size() == 1;
    config.default_route = false;
    config.group_draws = draws;
    for (const std::string& text : wanted.addresses) {
      const auto block = AddressBlock::parse(text);
      if (!block) return "\"" + text + "\" is no address";
      if (!block->address.is_loopback()) config.addresses.push_back(*block);
    }
    auto configuration = std::make_shared<const HostConfig>(std::move(config));
    OwnAddresses addresses(*configuration);
    hosts_.push_back({std::move(configuration), std::move(addresses)});
  }
  return std::nullopt;
}

HostInstance ScriptLayout::make(std::uint32_t number) const {
  return {.number = number, .site = number, .host = Host(hosts_[number].configuration)};
}

std::optional<Stop> ScriptLayout::owner_of(const IpAddress& address, const Stop& from) const {
  const AddressBits bits = AddressBits::of(address);
  if (hosts_[from.node].addresses.owns(bits)) return from;
  if (address.is_loopback()) return std::nullopt;
  for (std::uint32_t host = 0; host < hosts_.size(); ++host)
    if (host != from.node && hosts_[host].addresses.owns(bits)) return Stop{host, host};
  return std::nullopt;
}

Stop ScriptLayout::balancer(std::size_t number) const {
  const auto node = static_cast<std::uint32_t>(hosts_.size() + number);
  return {node, node};
}

}  // namespace netlimits::sim
