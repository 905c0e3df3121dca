#include "model/systems/error.hpp"

#include <array>
#include <cstddef>

namespace netlimits {
namespace {

struct Row {
  Error error;
  std::string_view name;
};

constexpr std::array rows{
    Row{Error::eacces, "EACCES"},
    Row{Error::eaddrinuse, "EADDRINUSE"},
    Row{Error::eaddrnotavail, "EADDRNOTAVAIL"},
    Row{Error::eafnosupport, "EAFNOSUPPORT"},
    Row{Error::eagain, "EAGAIN"},
    Row{Error::ealready, "EALREADY"},
    Row{Error::ebadf, "EBADF"},
    Row{Error::econnaborted, "ECONNABORTED"},
    Row{Error::econnrefused, "ECONNREFUSED"},
    Row{Error::econnreset, "ECONNRESET"},
    Row{Error::edestaddrreq, "EDESTADDRREQ"},
    Row{Error::edom, "EDOM"},
    Row{Error::eexist, "EEXIST"},
    Row{Error::efault, "EFAULT"},
    Row{Error::ehostunreach, "EHOSTUNREACH"},
    Row{Error::einprogress, "EINPROGRESS"},
    Row{Error::einval, "EINVAL"},
    Row{Error::eio, "EIO"},
    Row{Error::eisconn, "EISCONN"},
    Row{Error::emfile, "EMFILE"},
    Row{Error::emsgsize, "EMSGSIZE"},
    Row{Error::enetunreach, "ENETUNREACH"},
    Row{Error::enfile, "ENFILE"},
    Row{Error::enobufs, "ENOBUFS"},
    Row{Error::enodev, "ENODEV"},
    Row{Error::enomem, "ENOMEM"},
    Row{Error::enoprotoopt, "ENOPROTOOPT"},
    Row{Error::enotconn, "ENOTCONN"},
    Row{Error::enotsock, "ENOTSOCK"},
    Row{Error::eopnotsupp, "EOPNOTSUPP"},
    Row{Error::eperm, "EPERM"},
    Row{Error::epipe, "EPIPE"},
    Row{Error::eprotonosupport, "EPROTONOSUPPORT"},
    Row{Error::eprototype, "EPROTOTYPE"},
    Row{Error::etimedout, "ETIMEDOUT"},
    Row{Error::wsaeaddrinuse, "WSAEADDRINUSE"},
    Row{Error::wsaeaddrnotavail, "WSAEADDRNOTAVAIL"},
    Row{Error::wsaeconnrefused, "WSAECONNREFUSED"},
    Row{Error::wsaeconnreset, "WSAECONNRESET"},
    Row{Error::wsaemfile, "WSAEMFILE"},
    Row{Error::wsaenobufs, "WSAENOBUFS"},
    Row{Error::wsaetimedout, "WSAETIMEDOUT"},
};

}  // namespace

std::string_view name_of(Error error) { return rows[static_cast<std::size_t>(error)].name; }

std::optional<Error> error_named(std::string_view name) {
  for (const Row& row : rows) {
    if (row.name == name) return row.error;
  }
  return std::nullopt;
}

// https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2
std::optional<int> windows_number_of(Error error) {
  switch (error) {
    case Error::wsaemfile:
      return 10024;
    case Error::wsaeaddrinuse:
      return 10048;
    case Error::wsaeaddrnotavail:
      return 10049;
    case Error::wsaeconnreset:
      return 10054;
    case Error::wsaenobufs:
      return 10055;
    case Error::wsaetimedout:
      return 10060;
    case Error::wsaeconnrefused:
      return 10061;
    default:
      return std::nullopt;
  }
}

}  // namespace netlimits
