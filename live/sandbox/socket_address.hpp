// Endpoints and errors as the kernel spells them.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "model/net/endpoint.hpp"
#include "model/systems/error.hpp"

namespace netlimits::live {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

int family_number(Family family);  // AF_INET, AF_INET6
SocketAddress socket_address(const Endpoint& endpoint);
std::optional<Endpoint> endpoint_of(const SocketAddress& address);  // nothing for another family
std::optional<Endpoint> local_name(int descriptor);                 // getsockname()

// The name of an errno; EIO for one that the model has no name for.
Error error_of(int number);

}  // namespace netlimits::live
