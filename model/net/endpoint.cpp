#include "model/net/endpoint.hpp"

#include <boost/container_hash/hash.hpp>
#include <charconv>

#include <fmt/format.h>

namespace netlimits {

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address || bracketed != (address->family() == Family::inet6)) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return Endpoint{*address, Port{port}};
}

std::string Endpoint::text() const {
  return address.is_v4() ? fmt::format("{}:{}", address.text(), port.value)
                         : fmt::format("[{}]:{}", address.text(), port.value);
}

std::string FourTuple::text() const { return local.text() + " -> " + remote.text(); }

std::size_t hash_value(const Endpoint& endpoint) {
  std::size_t seed = hash_value(endpoint.address);
  boost::hash_combine(seed, endpoint.port.value);
  return seed;
}

std::size_t hash_value(const FourTuple& tuple) {
  std::size_t seed = hash_value(tuple.local);
  boost::hash_combine(seed, hash_value(tuple.remote));
  return seed;
}

}  // namespace netlimits
