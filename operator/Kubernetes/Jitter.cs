namespace MailOperator.Kubernetes;

/// <summary>The random numbers for jitter in both roles; tests pass their own, with a seed.</summary>
internal static class Jitter
{
    /// <summary>Thread-safe, as a <see cref="Random"/> made with <c>new</c> is not. Never for secrets.</summary>
#pragma warning disable RS0030 // banned where it would replace an injected Random; this is what is injected
    public static Random Source => Random.Shared;
#pragma warning restore RS0030
}
