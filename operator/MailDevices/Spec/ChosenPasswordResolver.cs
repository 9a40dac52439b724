using System.Text.RegularExpressions;
using MailOperator.Api;

namespace MailOperator.MailDevices.Spec;

/// <summary>Validates the spec of a chosen password. The password itself is validated when it is read.</summary>
internal static partial class ChosenPasswordResolver
{
    /// <summary>What is wrong, for the author of the spec; null if nothing is, or if no password was chosen.</summary>
    public static string? Invalid(MailDevice device) => device.Spec.Password switch
    {
        null or { ValueFrom: null } => null,
        { Length: not null } or { Alphabet: not null } =>
            "spec.password takes either valueFrom or length and alphabet, which are for generated passwords",
        { ValueFrom.SecretKeyRef: { } source } when !ObjectNames.IsValid(source.Name)
            || !SecretKey().IsMatch(source.Key) =>
            "spec.password.valueFrom.secretKeyRef needs the name of a Secret and of a key in it",
        { ValueFrom.SecretKeyRef: { } source } when source.Name == MailDeviceResolver.SecretName(device) =>
            $"spec.password.valueFrom names Secret '{source.Name}', which the operator writes itself; "
            + "keep the chosen password in another",
        _ when device.Spec.Rotation?.Interval is not null =>
            "spec.rotation.interval is for generated passwords; a chosen one is replaced by changing it where "
            + "spec.password.valueFrom says",
        _ => null,
    };

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]{1,253}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SecretKey();
}
