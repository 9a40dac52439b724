using System.Globalization;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices.Secrets;

/// <summary>Reads the record of a password in a Secret's annotations. Whether it is genuine is not asked.</summary>
internal static class RecordReader
{
    /// <summary>The record; with defaults for what is missing or cannot be read.</summary>
    public static CredentialRecord Read(V1ObjectMeta secret)
    {
        string Annotation(string name) => In(secret, name);
        return new CredentialRecord
        {
            Epoch = int.TryParse(
                Annotation(Annotations.Epoch), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)
                && epoch < int.MaxValue
                ? epoch
                : 0,
            Selector = Annotation(Annotations.Credential),
            IssuedAt = Rfc3339.Parse(Annotation(Annotations.IssuedAt)) ?? DateTimeOffset.UnixEpoch,
            HandledRotation = Annotation(Annotations.HandledRotation),
            HandledRotateAndRevoke = Annotation(Annotations.HandledRotateAndRevoke),
            IsRestartOwed = Annotation(Annotations.RestartOwed) == "true",
            Origin = OriginIn(secret).Parse(),
            Retiring = CredentialAnnotations.ParseRetiring(Annotation(Annotations.Retiring)),
            ToBeRefused = CredentialAnnotations.ParseToBeRefused(Annotation(Annotations.ToBeRefused)),
        };
    }

    /// <summary>What the annotations say of the password's origin.</summary>
    public static OriginAnnotations OriginIn(V1ObjectMeta secret) => new(
        In(secret, Annotations.Source), In(secret, Annotations.HeldByClaim), In(secret, Annotations.IssuedFor));

    private static string In(V1ObjectMeta secret, string name) =>
        secret.Annotations is { } all && all.TryGetValue(name, out string? value) ? value : "";
}
