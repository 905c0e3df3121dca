// A gateway of few ports, for scenarios that tests make.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits::tests {

// Ports from 2000 on; two minutes after a close, ten seconds after a reset.
inline Gateway small_gateway(const char* name, const char* address, std::vector<std::string> hosts,
                             std::uint16_t ports) {
  using std::chrono::seconds;
  Gateway made;
  made.name = name;
  made.hosts = std::move(hosts);
  made.addresses = {*IpAddress::parse(address)};
  made.nat.ports = {Port{2000}, Port{static_cast<std::uint16_t>(2000 + ports - 1)}};
  made.nat.hold_after_close = seconds(120);
  made.nat.hold_after_reset = seconds(10);
  made.nat.hold_after_refusal = seconds(0);
  made.nat.half_closed = seconds(60);
  made.nat.half_open = seconds(120);
  return made;
}

}  // namespace netlimits::tests
