// The listeners of one host that are open already, and which of them stands in the way of one more: asked once for each
// of tens of thousands, and so by port and address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits {

class OpenListeners {
 public:
  // Both have to outlive it.
  OpenListeners(const Settings& settings, const Rules& rules) : settings_(&settings), rules_(&rules) {}

  struct Open {
    Endpoint endpoint{};
    bool reuse_port = false;
    std::string process{};
  };
  // The first one that lets `listener` not listen: the same port, addresses that overlap, and not SO_REUSEPORT on both.
  const Open* in_the_way(const Listener& listener) const;
  void add(const Listener& listener, const std::string& process);

 private:
  struct AtPort {
    std::vector<std::size_t> wildcards{};
    std::unordered_map<IpAddress, std::vector<std::size_t>> by_address{};  // unmapped
    std::vector<std::size_t> all{};
  };
  bool conflict(const Open& open, const Listener& listener) const;
  bool is_open(const AtPort& at, const Listener& listener) const;

  const Settings* settings_;
  const Rules* rules_;
  // Listeners that are alike in port, address and SO_REUSEPORT stand in the same ways: one entry for all of them.
  std::vector<Open> open_{};
  std::unordered_map<std::uint16_t, AtPort> ports_{};
};

}  // namespace netlimits
