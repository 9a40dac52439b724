using System.Text.Json.Serialization;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Api;

public sealed class EnumNamesTests
{
    /// <summary>The mutant: a new enum of the API without its converter is written as a number.</summary>
    [Fact]
    public void Enums_OfTheApi_AreWrittenByTheirNames() => Assert.All(
        typeof(MailDevice).Assembly.GetTypes()
            .Where(static type => type.IsEnum && type.Namespace == typeof(MailDevice).Namespace),
        static type => Assert.Equal(
            typeof(EnumNames<>).MakeGenericType(type),
            type.GetCustomAttributes(inherit: false).OfType<JsonConverterAttribute>().SingleOrDefault()
                ?.ConverterType));
}
