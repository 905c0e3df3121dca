// The checks of bind() that come before any port is looked at, in the kernel's order.
#include "model/addresses/bind_address.hpp"

#include "model/systems/rule_book.hpp"

namespace netlimits {

Outcome<AddressKind> check_bind_address(const SocketRecord& socket, Endpoint local, bool privileged,
                                        const OwnAddresses& addresses, const Settings& settings, const Rules& rules) {
  const AddressBits address = AddressBits::of(local.address);
  const bool v4_address = local.address.is_v4();
  if (v4_address == socket.inet6) return refuse(socket.inet6 ? Error::einval : Error::eafnosupport, Rule::bind_family);

  const AddressKind kind = addresses.kind_of(address);
  const bool nonlocal = socket.free_bind || socket.transparent || !rules.has(Rule::bind_address);
  const bool v4_valid = settings.nonlocal_bind || nonlocal || kind != AddressKind::other;
  const bool low_port = local.port.value != 0 && local.port.value < settings.unprivileged_port_start;
  const bool forbidden = low_port && !privileged && rules.has(Rule::bind_privileged_port);
  const bool bound = socket.state != TcpState::closed || socket.held_port != 0;
  const bool state_first = !rules.has(Rule::bind_tests_privilege_before_state);
  const bool v4_address_first = v4_address && rules.has(Rule::bind_tests_address_before_port);

  if (v4_address_first && !v4_valid) return refuse(Error::eaddrnotavail, Rule::bind_address);
  if (kind == AddressKind::multicast && !address.is_mapped() && !socket.dgram)
    return refuse(Error::einval, Rule::bind_address);
  if (state_first && bound) return refuse(Error::einval, Rule::bind_already_bound);
  if (forbidden) return refuse(Error::eacces, Rule::bind_privileged_port);
  if (bound) return refuse(Error::einval, Rule::bind_already_bound);
  if (address.is_mapped()) {  // an IPv4 one is kept as such too
    if (socket.v6_only) return refuse(Error::einval, Rule::bind_family);
    if (!v4_valid) return refuse(Error::eaddrnotavail, Rule::bind_address);
  } else if (!address.is_v6_any()) {
    if (needs_device(address) && socket.device == 0) return refuse(Error::einval, Rule::bind_address);
    if (kind != AddressKind::multicast && !settings.ipv6_nonlocal_bind && !nonlocal &&
        !addresses.assigned_to(address, socket.device))
      return refuse(Error::eaddrnotavail, Rule::bind_address);
  }
  return kind;
}

}  // namespace netlimits
