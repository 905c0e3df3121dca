// The errors that socket calls give, by the names that their systems use. Names, not numbers, are compared: the numbers
// differ between systems.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace netlimits {

enum class Error : std::uint8_t {
  eacces,
  eaddrinuse,
  eaddrnotavail,
  eafnosupport,
  eagain,
  ealready,
  ebadf,
  econnaborted,
  econnrefused,
  econnreset,
  edestaddrreq,
  edom,
  eexist,
  efault,
  ehostunreach,
  einprogress,
  einval,
  eio,
  eisconn,
  emfile,
  emsgsize,
  enetunreach,
  enfile,
  enobufs,
  enodev,
  enomem,
  enoprotoopt,
  enotconn,
  enotsock,
  eopnotsupp,
  eperm,
  epipe,
  eprotonosupport,
  eprototype,
  etimedout,
  wsaeaddrinuse,     // 10048
  wsaeaddrnotavail,  // 10049
  wsaeconnrefused,   // 10061
  wsaeconnreset,     // 10054
  wsaemfile,         // 10024
  wsaenobufs,        // 10055
  wsaetimedout,      // 10060
};

std::string_view name_of(Error error);  // "EADDRNOTAVAIL", "WSAENOBUFS"
std::optional<Error> error_named(std::string_view name);
// The number a Windows program sees (10055), or nothing for errors of other systems.
std::optional<int> windows_number_of(Error error);

}  // namespace netlimits
