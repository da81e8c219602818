
namespace Keywright.UnitTests.House;

public class SystemPackagesTests
{
    [Fact]
    public void A_missing_package_skips_a_test_and_names_itself()
    {
        var thrown = Ask("qemu-system-arm", inCi: false, there: false);

        Assert.StartsWith("$XunitDynamicSkip$needs qemu-system-arm", thrown?.Message);
    }

    [Fact]
    public void In_ci_a_missing_package_is_a_failure()
    {
        var thrown = Ask("qemu-system-arm", inCi: true, there: false);

        Assert.StartsWith("needs qemu-system-arm", thrown?.Message);
    }

    [Fact]
    public void A_package_that_is_there_lets_the_test_run()
    {
        Assert.Null(Ask("qemu-system-arm", inCi: true, there: true));
    }

    [Fact]
    public void A_package_that_nobody_listed_is_a_bug()
    {
        Assert.IsType<InvalidOperationException>(Ask("teapot", inCi: false, there: true));
    }

    // Record.Exception lets a skip through.
    private static Exception? Ask(string package, bool inCi, bool there)
    {
        try
        {
            SystemPackages.Require([package], inCi, _ => there);
            return null;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }
}
