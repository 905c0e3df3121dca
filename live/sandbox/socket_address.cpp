// sockaddr of both families and back, and the table of errnos.
#include "live/sandbox/socket_address.hpp"

#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace netlimits::live {

int family_number(Family family) { return family == Family::inet ? AF_INET : AF_INET6; }

SocketAddress socket_address(const Endpoint& endpoint) {
  SocketAddress result;
  if (endpoint.address.is_v4()) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(endpoint.port.value);
    name.sin_addr.s_addr = htonl(endpoint.address.v4_bits());
    std::memcpy(&result.storage, &name, sizeof name);
    result.length = sizeof name;
    return result;
  }
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(endpoint.port.value);
  for (unsigned i = 0; i < 8; ++i) {
    name.sin6_addr.s6_addr[i] = static_cast<std::uint8_t>(endpoint.address.high() >> (56 - 8 * i));
    name.sin6_addr.s6_addr[8 + i] = static_cast<std::uint8_t>(endpoint.address.low() >> (56 - 8 * i));
  }
  std::memcpy(&result.storage, &name, sizeof name);
  result.length = sizeof name;
  return result;
}

std::optional<Endpoint> endpoint_of(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in name{};
    std::memcpy(&name, &address.storage, sizeof name);
    return Endpoint{IpAddress::v4(ntohl(name.sin_addr.s_addr)), Port{ntohs(name.sin_port)}};
  }
  if (address.storage.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 name{};
  std::memcpy(&name, &address.storage, sizeof name);
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (unsigned i = 0; i < 8; ++i) {
    high = high << 8U | name.sin6_addr.s6_addr[i];
    low = low << 8U | name.sin6_addr.s6_addr[8 + i];
  }
  return Endpoint{IpAddress::v6(high, low), Port{ntohs(name.sin6_port)}};
}

std::optional<Endpoint> local_name(int descriptor) {
  SocketAddress name;
  name.length = sizeof name.storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name.storage), &name.length) != 0) return std::nullopt;
  return endpoint_of(name);
}

Error error_of(int number) {
  static constexpr std::array names{
      std::pair{EACCES, Error::eacces},
      std::pair{EADDRINUSE, Error::eaddrinuse},
      std::pair{EADDRNOTAVAIL, Error::eaddrnotavail},
      std::pair{EAFNOSUPPORT, Error::eafnosupport},
      std::pair{EAGAIN, Error::eagain},
      std::pair{EALREADY, Error::ealready},
      std::pair{EBADF, Error::ebadf},
      std::pair{ECONNABORTED, Error::econnaborted},
      std::pair{ECONNREFUSED, Error::econnrefused},
      std::pair{ECONNRESET, Error::econnreset},
      std::pair{EDESTADDRREQ, Error::edestaddrreq},
      std::pair{EDOM, Error::edom},
      std::pair{EEXIST, Error::eexist},
      std::pair{EFAULT, Error::efault},
      std::pair{EHOSTUNREACH, Error::ehostunreach},
      std::pair{EINPROGRESS, Error::einprogress},
      std::pair{EINVAL, Error::einval},
      std::pair{EISCONN, Error::eisconn},
      std::pair{EMFILE, Error::emfile},
      std::pair{EMSGSIZE, Error::emsgsize},
      std::pair{ENETUNREACH, Error::enetunreach},
      std::pair{ENFILE, Error::enfile},
      std::pair{ENOBUFS, Error::enobufs},
      std::pair{ENODEV, Error::enodev},
      std::pair{ENOMEM, Error::enomem},
      std::pair{ENOPROTOOPT, Error::enoprotoopt},
      std::pair{ENOTCONN, Error::enotconn},
      std::pair{ENOTSOCK, Error::enotsock},
      std::pair{EOPNOTSUPP, Error::eopnotsupp},
      std::pair{EPERM, Error::eperm},
      std::pair{EPIPE, Error::epipe},
      std::pair{EPROTONOSUPPORT, Error::eprotonosupport},
      std::pair{EPROTOTYPE, Error::eprototype},
      std::pair{ETIMEDOUT, Error::etimedout},
  };
  for (const auto& [known, error] : names) {
    if (known == number) return error;
  }
  return Error::eio;
}

}  // namespace netlimits::live
