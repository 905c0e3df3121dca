// Endpoints and four-tuples: what identifies a connection (RFC 9293, 3.3.1: "a pair of sockets").
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/net/address.hpp"
#include "model/net/port.hpp"

namespace netlimits {

enum class Protocol : std::uint8_t { tcp, udp };

struct Endpoint {
  IpAddress address;
  Port port;

  static std::optional<Endpoint> parse(std::string_view text);  // "10.1.0.9:443", "[2001:db8::1]:443"
  std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

struct FourTuple {
  Endpoint local;
  Endpoint remote;

  FourTuple reversed() const { return {remote, local}; }
  std::string text() const;  // "10.0.0.5:40000 -> 10.1.0.9:443"
  auto operator<=>(const FourTuple&) const = default;
};

std::size_t hash_value(const Endpoint& endpoint);
std::size_t hash_value(const FourTuple& tuple);

}  // namespace netlimits
