// The network of a socket script: every host next to every other one, segments take no time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/addresses/own_addresses.hpp"
#include "model/script/script.hpp"
#include "model/sockets/group_draws.hpp"
#include "sim/layout.hpp"

namespace netlimits::sim {

class ScriptLayout final : public Layout {
 public:
  using ProfileNamed = std::function<std::shared_ptr<const OsProfile>(std::string_view os)>;

  // The script's hosts, in the order of their names. Says why it cannot: no such system, or no address.
  std::optional<std::string> add_hosts(const Script& script, const ProfileNamed& profile_named,
                                       const std::shared_ptr<GroupDraws>& draws);

  std::size_t host_count() const override { return hosts_.size(); }
  HostInstance make(std::uint32_t number) const override;
  // The sender itself, or else the first that has the address.
  std::optional<Stop> owner_of(const IpAddress& address, const Stop& from) const override;
  Stop balancer(std::size_t number) const override;
  Stop gateway(std::size_t number) const override { return balancer(number); }  // there is none
  std::optional<Stop> gateway_towards(const IpAddress&, const Stop&) const override { return std::nullopt; }
  std::optional<Duration> one_way(std::uint32_t, std::uint32_t) const override { return Duration::zero(); }

 private:
  struct ScriptedHost {
    std::shared_ptr<const HostConfig> configuration;
    OwnAddresses addresses;
  };
  std::vector<ScriptedHost> hosts_;
};

}  // namespace netlimits::sim
