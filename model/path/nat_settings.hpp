// How a gateway with source NAT gives its clients ports: figures of a kind of device (scenarios/gateways/), which a
// scenario may change.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "model/net/port.hpp"
#include "model/net/time.hpp"

namespace netlimits {

// How a free port is looked for.
enum class NatPortChoice : std::uint8_t {
  // As netfilter does: the client's own port if it lies in the range and is free, else a bounded search
  // (model/path/nat_port_search.hpp), which may find none where some are free.
  kept_or_searched,
  any_free,  // any one, as long as there is one
};

// What a client sees whose SYN gets no port.
enum class NatWhenFull : std::uint8_t { silence, reset };

// An address and port of the gateway serve one connection to each destination at a time: what is unique is (address,
// port, destination).
struct NatSettings {
  PortRange ports{Port{1024}, Port{65535}};
  NatPortChoice port_choice = NatPortChoice::any_free;
  std::uint32_t per_destination = 0;  // connections of one address to one destination; 0: as many as there are ports
  std::uint32_t block = 0;            // ports that each client host has for itself; 0: all share all
  NatWhenFull when_full = NatWhenFull::silence;
  // How long the port of a connection stays its own, after its last segment. Nothing: nobody has published it.
  std::optional<Duration> hold_after_close{};    // both ends have closed
  std::optional<Duration> hold_after_reset{};    // one end has reset it
  std::optional<Duration> hold_after_refusal{};  // a SYN was answered by a reset
  std::optional<Duration> half_closed{};         // one end has closed
  std::optional<Duration> half_open{};           // a SYN was not answered

  bool operator==(const NatSettings&) const = default;

  // Connections that one address can have to one destination at the same time, all clients together.
  std::uint32_t of_one_address() const {
    const std::uint32_t all = ports.size().value;
    return per_destination == 0 || per_destination > all ? all : per_destination;
  }
};

// Where a device's figure is not published.
inline constexpr Duration nat_hold_unknown = std::chrono::seconds(120);

}  // namespace netlimits
