/* The case study by hand: as fast as one core trains it, the limit that wane is measured against.
 *
 * One hidden layer of UNITS rectified units on two inputs, one sigmoid output, cross-entropy with
 * L2 on the hidden kernel, full batch, Adam as Keras has it. Compiled with UNITS, ROWS and
 * VALIDATION_ROWS as constants (VALIDATION_ROWS 0: no evaluation).
 *
 * Units are taken in vectors of LANES. With m = [z > 0] and d = dLoss/dOutput,
 * the sums S = sum_i d_i m_i (1, x0_i, x1_i) give every gradient of a unit: those of its bias and
 * weights are v S, that of its output weight is b S_0 + w0 S_1 + w1 S_2. So gradients and Adam's
 * step of a vector of units are taken while it is in registers.
 */
#include <math.h>
#include <string.h>

#define LANES 16
#define BLOCKS ((UNITS + LANES - 1) / LANES)
#define GROUP 10

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int mask __attribute__((vector_size(4 * LANES)));

typedef struct {
    vec w0[BLOCKS], w1[BLOCKS], b[BLOCKS], v[BLOCKS];
} layer;

static inline vec where(mask m, vec a) { return (vec)((mask)a & m); }

/* Output before the sigmoid, less the output bias, of GROUP rows. */
static void group_outputs(const layer *p, const float *x0, const float *x1, float *out) {
    vec sum[GROUP] = {0};
    for (int k = 0; k < BLOCKS; k++) {
        const vec w0 = p->w0[k], w1 = p->w1[k], b = p->b[k], v = p->v[k];
#pragma GCC unroll 16
        for (int i = 0; i < GROUP; i++) {
            const vec z = w0 * x0[i] + (w1 * x1[i] + b);
            sum[i] += where(z > 0, z) * v;
        }
    }
    for (int i = 0; i < GROUP; i++) {
        float total = 0;
        for (int l = 0; l < LANES; l++) total += sum[i][l];
        out[i] = total;
    }
}

/* Mean loss and accuracy; probabilities in p. x0, x1 and out have room for whole groups. */
static void evaluate(const layer *params, float c, int rows, const float *x0, const float *x1,
                     const float *y, float *out, float *p, float *numbers) {
    float loss = 0, right = 0;
    for (int i = 0; i < rows; i += GROUP) group_outputs(params, x0 + i, x1 + i, out + i);
    for (int i = 0; i < rows; i++) {
        const float o = out[i] + c;
        const float e = expf(-fabsf(o));
        p[i] = (o >= 0 ? 1.0f : e) / (1.0f + e);
        loss += fmaxf(o, 0) - o * y[i] + logf(1.0f + e);
        right += (o > 0) == (y[i] > 0.5f);
    }
    numbers[0] = loss / rows;
    numbers[1] = right / rows;
}

static inline vec roots(vec a) {
    vec r;
    for (int l = 0; l < LANES; l++) r[l] = __builtin_sqrtf(a[l]);
    return r;
}

static inline void adam(vec *w, vec *m, vec *s, vec g, float rate) {
    const vec mean = *m + (g - *m) * 0.1f, square = *s + (g * g - *s) * 0.001f;
    *m = mean;
    *s = square;
    *w -= rate * mean / (roots(square) + 1e-7f);
}

/* x: [2][rows]; weights: w0, w1, b, v of UNITS each, then c; curves: [epochs][4]. */
void train(int epochs, const float *x, const float *y, const float *validation_x,
           const float *validation_y, float strength, float *weights, float *curves) {
    layer p, m, s;
    float x0[ROWS + GROUP] = {0}, x1[ROWS + GROUP] = {0}, out[ROWS + GROUP], prob[ROWS + GROUP];
    float a0[VALIDATION_ROWS + GROUP] = {0}, a1[VALIDATION_ROWS + GROUP] = {0};
    float out_a[VALIDATION_ROWS + GROUP], prob_a[VALIDATION_ROWS + GROUP];
    float d[ROWS], dx0[ROWS], dx1[ROWS];
    float c = weights[4 * UNITS], mc = 0, sc = 0;
    double decay1 = 1, decay2 = 1;
    memset(&p, 0, sizeof p), memset(&m, 0, sizeof m), memset(&s, 0, sizeof s);
    memcpy(p.w0, weights, 4 * UNITS), memcpy(p.w1, weights + UNITS, 4 * UNITS);
    memcpy(p.b, weights + 2 * UNITS, 4 * UNITS), memcpy(p.v, weights + 3 * UNITS, 4 * UNITS);
    memcpy(x0, x, 4 * ROWS), memcpy(x1, x + ROWS, 4 * ROWS);
    memcpy(a0, validation_x, 4 * VALIDATION_ROWS);
    memcpy(a1, validation_x + VALIDATION_ROWS, 4 * VALIDATION_ROWS);

    for (int epoch = 0; epoch < epochs; epoch++) {
        float gc = 0;
        evaluate(&p, c, ROWS, x0, x1, y, out, prob, curves + 4 * epoch);
        for (int i = 0; i < ROWS; i++) {
            d[i] = (prob[i] - y[i]) / ROWS;
            dx0[i] = d[i] * x0[i], dx1[i] = d[i] * x1[i];
            gc += d[i];
        }
        decay1 *= 0.9, decay2 *= 0.999;
        const float rate = 1e-3 * sqrt(1 - decay2) / (1 - decay1);
        for (int k = 0; k < BLOCKS; k++) {
            const vec w0 = p.w0[k], w1 = p.w1[k], b = p.b[k], v = p.v[k];
            const vec zero = {0};
            vec sb = zero, s0 = zero, s1 = zero;
#pragma GCC unroll 32
            for (int i = 0; i < ROWS; i++) {
                const mask on = w0 * x0[i] + (w1 * x1[i] + b) > 0;
                sb += where(on, zero + d[i]);
                s0 += where(on, zero + dx0[i]);
                s1 += where(on, zero + dx1[i]);
            }
            adam(&p.w0[k], &m.w0[k], &s.w0[k], v * s0 + 2 * strength * w0, rate);
            adam(&p.w1[k], &m.w1[k], &s.w1[k], v * s1 + 2 * strength * w1, rate);
            adam(&p.b[k], &m.b[k], &s.b[k], v * sb, rate);
            adam(&p.v[k], &m.v[k], &s.v[k], b * sb + w0 * s0 + w1 * s1, rate);
        }
        mc += (gc - mc) * 0.1f, sc += (gc * gc - sc) * 0.001f;
        c -= rate * mc / (sqrtf(sc) + 1e-7f);
        if (VALIDATION_ROWS)
            evaluate(&p, c, VALIDATION_ROWS, a0, a1, validation_y, out_a, prob_a,
                  curves + 4 * epoch + 2);
    }
    memcpy(weights, p.w0, 4 * UNITS), memcpy(weights + UNITS, p.w1, 4 * UNITS);
    memcpy(weights + 2 * UNITS, p.b, 4 * UNITS), memcpy(weights + 3 * UNITS, p.v, 4 * UNITS);
    weights[4 * UNITS] = c;
}
