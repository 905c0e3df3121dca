// How full each pool of automatic ports was: the figure behind `ephemeral_ports` in the table of limits.
//
// Which connections share a pool is the system's class (model/systems/rules.hpp, PortSharing) and how the program
// binds. This only counts; whether a port is free is decided by the host's own rules.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/net/endpoint.hpp"
#include "model/scenario/place.hpp"
#include "sim/meters.hpp"

namespace netlimits::sim {

struct PoolKey {
  std::uint32_t instance;
  Endpoint destination;  // empty where all destinations share
  IpAddress source;      // empty where all addresses share
  bool operator==(const PoolKey&) const = default;
};

struct PoolKeyHash {
  std::size_t operator()(const PoolKey& key) const noexcept {
    return hash_value(FourTuple{{key.source, Port{static_cast<std::uint16_t>(key.instance)}}, key.destination});
  }
};

class PortPools {
 public:
  using Use = std::uint32_t;
  static constexpr Use none = 0xffffffffU;

  // `describe()` gives the place and the nominal size (the range less the ports never given) of a new pool as a pair.
  template <class Describe>
  Use take(const PoolKey& key, Describe&& describe) {
    const auto [found, is_new] = index_.try_emplace(key, static_cast<Use>(pools_.size()));
    if (is_new) {
      const auto [place, nominal] = describe();
      add(place, nominal);
    }
    return took(found->second);
  }
  void give_back(Use use);
  // The pool refused: what it has held at most is what it can hold, until it holds more.
  void exhausted(const PoolKey& key);
  void write(Meters& meters) const;

 private:
  struct Pool {
    std::uint32_t place;
    Meter meter;
  };
  void add(const Place& place, std::uint64_t nominal);
  Use took(Use use);

  std::unordered_map<PoolKey, Use, PoolKeyHash> index_;
  std::vector<Pool> pools_;
  std::unordered_map<Place, std::uint32_t> place_index_;  // hosts of a group share one
  std::vector<Place> places_;
};

}  // namespace netlimits::sim
