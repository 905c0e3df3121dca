// Addresses, blocks and endpoints: printed, read, counted on.
#include "model/net/address.hpp"

#include <rapidcheck.h>

#include "model/net/endpoint.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

TEST_CASE("an address prints as RFC 5952 asks and reads back as itself") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"10.0.0.5", "10.0.0.5"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
      {"fe80:0:0:0:0:0:0:0", "fe80::"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
  }));
  const auto address = IpAddress::parse(text);
  REQUIRE(address);
  CHECK(address->text() == canonical);
  CHECK(IpAddress::parse(canonical) == address);
}

TEST_CASE("what is no address is refused") {
  const auto* text = GENERATE("", "10.0.0", "10.0.0.0.1", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", "a.b.c.d", ":",
                              ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::1%lo",
                              "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7:8::", "[::1]", "1:2:3:4:5:6:7:");
  CHECK_FALSE(IpAddress::parse(text));
}

TEST_CASE("any address survives being printed and read") {
  CHECK(rc::check([](std::uint64_t high, std::uint64_t low, std::uint32_t bits) {
    const auto six = IpAddress::v6(high, low);
    const auto sparse = IpAddress::v6(high & 0xffff00000000ffffULL, low & 0x0000ffff0000ffffULL);
    const auto four = IpAddress::v4(bits);
    return IpAddress::parse(six.text()) == six && IpAddress::parse(sparse.text()) == sparse &&
           IpAddress::parse(four.text()) == four;
  }));
}

TEST_CASE("a v4-mapped address is the IPv4 address on the wire") {
  const auto mapped = IpAddress::parse("::ffff:127.0.0.1").value();
  CHECK(mapped.is_v4_mapped());
  CHECK(mapped.is_loopback());
  CHECK(mapped.unmapped() == IpAddress::parse("127.0.0.1"));
  CHECK(mapped != mapped.unmapped());
}

TEST_CASE("a block contains what shares its prefix and nothing else") {
  const auto block = AddressBlock::parse("10.9.0.1/24").value();
  CHECK(block.contains(IpAddress::parse("10.9.0.99").value()));
  CHECK_FALSE(block.contains(IpAddress::parse("10.9.1.0").value()));
  CHECK_FALSE(block.contains(IpAddress::parse("::1").value()));
  CHECK(AddressBlock::parse("0.0.0.0/0")->contains(IpAddress::parse("203.0.113.7").value()));
  CHECK(AddressBlock::parse("2001:db8::/33")->contains(IpAddress::parse("2001:db8:7fff::1").value()));
  CHECK_FALSE(AddressBlock::parse("2001:db8::/33")->contains(IpAddress::parse("2001:db8:8000::1").value()));
  CHECK_FALSE(AddressBlock::parse("10.0.0.0/33"));
  CHECK_FALSE(AddressBlock::parse("10.0.0.0/"));
  CHECK_FALSE(AddressBlock::parse("10.0.0.0/-1"));
}

TEST_CASE("counting on from an address crosses octets and words") {
  CHECK(IpAddress::parse("10.0.0.255")->plus(1).text() == "10.0.1.0");
  CHECK(IpAddress::parse("2001:db8::ffff:ffff:ffff:ffff")->plus(1).text() == "2001:db8:0:1::");
}

TEST_CASE("an endpoint is an address and a port; IPv6 needs brackets") {
  CHECK(Endpoint::parse("10.1.0.9:443")->text() == "10.1.0.9:443");
  CHECK(Endpoint::parse("[2001:db8::1]:443")->text() == "[2001:db8::1]:443");
  const auto* bad = GENERATE("10.1.0.9", "10.1.0.9:", "10.1.0.9:70000", "10.1.0.9:-1", "::1:80", "[::1]80",
                             "[10.0.0.1]:80", "10.1.0.9:080x");
  CHECK_FALSE(Endpoint::parse(bad));
}

}  // namespace
}  // namespace netlimits
