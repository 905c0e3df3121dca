// A place: which instance of a limit is meant. "server/web", "client 10.0.0.5 -> 10.1.0.9:443".
//
// A value of its parts: equal, ordered and hashed by them. It owns no memory and points nowhere, so that naming a place
// costs a copy and no more where connections fail by the hundred thousand, and so that it can lie in memory that
// processes share. It becomes text where a result is printed; nothing reads that text back.
//
// Hosts of a group are alike and share one place, and so do the instances of a process.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "model/net/endpoint.hpp"
#include "model/scenario/name.hpp"
#include "model/systems/limit.hpp"

namespace netlimits {

// A host, or all hosts of a group: "client", "client[3000]".
struct HostPlace {
  Name name{};
  std::uint64_t count = 1;
  auto operator<=>(const HostPlace&) const = default;
};

struct ProcessPlace {  // "server/web"
  HostPlace on{};
  Name process{};
  auto operator<=>(const ProcessPlace&) const = default;
};

struct ListenerPlace {  // "server/web 10.1.0.9:443"
  HostPlace on{};
  Name process{};  // none: whose it is is not known, "machine 0.0.0.0:80"
  Endpoint endpoint{};
  auto operator<=>(const ListenerPlace&) const = default;
};

struct Unnamed {  // each host of a group has its own, or there is none: not printed
  auto operator<=>(const Unnamed&) const = default;
};
struct All {  // they share what the limit is about: "*"
  auto operator<=>(const All&) const = default;
};
struct AnyOne {  // one that nobody is connected to yet, whichever it is: "any one destination"
  auto operator<=>(const AnyOne&) const = default;
};

// A way out, and the pool of automatic ports on it: "client 10.0.0.5 -> 10.1.0.9:443" per four-tuple,
// "client 10.0.0.5 -> *" per local address, "client * -> *" per host; hosts of a group: "client[3000] -> 10.1.0.9:443".
//
// The order is named, here and below: where a std::variant has no <=> of its own, it is made of == and < then.
struct OutboundPlace {
  HostPlace on{};
  std::variant<Unnamed, All, IpAddress> source{};
  std::variant<All, AnyOne, Endpoint> destination{};
  std::strong_ordering operator<=>(const OutboundPlace&) const = default;
};

struct BalancerPlace {  // "balancer": no back end is left to choose
  Name balancer{};
  auto operator<=>(const BalancerPlace&) const = default;
};

struct BackEndPlace {  // "balancer -> 10.1.0.9:443"
  Name balancer{};
  Endpoint back_end{};
  auto operator<=>(const BackEndPlace&) const = default;
};

// Ports of a gateway towards a destination: "nat-1 203.0.113.7 -> 198.51.100.1:443", of all its addresses together
// "nat-1 * -> 198.51.100.1:443"; of the blocks that each host of a group has, "nat-1 pods[60] -> 198.51.100.1:443".
struct GatewayPlace {
  Name gateway{};
  std::variant<All, IpAddress, HostPlace> ports{};
  Endpoint destination{};
  std::strong_ordering operator<=>(const GatewayPlace&) const = default;
};

struct GatewayTablePlace {  // "nat-1": the connections that it tracks
  Name gateway{};
  auto operator<=>(const GatewayTablePlace&) const = default;
};

struct Place {
  std::variant<HostPlace, ProcessPlace, ListenerPlace, OutboundPlace, BalancerPlace, BackEndPlace, GatewayPlace,
               GatewayTablePlace>
      what{};

  // Whose limit it is: the host or the group; null for a balancer's or a gateway's.
  const HostPlace* host() const;
  std::string text() const;
  std::strong_ordering operator<=>(const Place&) const = default;
};

std::size_t hash_value(const Place& place);

// A limit, and which instance of it.
struct PlacedLimit {
  Limit limit{};
  Place place{};
  std::strong_ordering operator<=>(const PlacedLimit&) const = default;
};

// A way out of a host that has no address for it: connect() says so itself.
bool has_no_source(const Place& place);
// Is whoever comes there told at once, that nobody listens or that there is no way? (Where nobody answers at all it
// takes as long as a client asks.)
bool is_told_at_once(const PlacedLimit& limit);

// Puts values with a `limit` and a `place` into the order in which results list them: by limit, then by the text of the
// place, as whoever looks for it in the list reads it. Equal ones keep their order.
template <class Entry>
void put_in_printed_order(std::vector<Entry>& entries) {
  std::vector<std::pair<std::string, Entry>> named;
  named.reserve(entries.size());
  for (Entry& entry : entries) {
    std::string text = entry.place.text();
    named.emplace_back(std::move(text), std::move(entry));
  }
  std::stable_sort(named.begin(), named.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second.limit, a.first) < std::tie(b.second.limit, b.first);
  });
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i] = std::move(named[i].second);
}

}  // namespace netlimits

template <>
struct std::hash<netlimits::Place> {
  std::size_t operator()(const netlimits::Place& place) const noexcept { return netlimits::hash_value(place); }
};
