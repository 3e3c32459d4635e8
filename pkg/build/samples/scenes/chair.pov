// Wooden dining chair with a slatted back and a padded seat, on a white sweep.
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "common.inc"

camera {
  location <-135, 105, -235>
  right x*3/4 up y
  angle 21
  look_at <0, 47, 2>
}
Studio(300)
Softbox(<-200, 300, -200>, <0, 40, 0>, 140, rgb 0.75)
Fill(<250, 220, -160>, rgb 0.2)

#declare Brown = Wood(srgb <0.58, 0.33, 0.17>, srgb <0.36, 0.18, 0.08>, 1.2)
#declare BrownY = texture { Brown rotate 90*x }
#declare BrownX = texture { Brown rotate 90*y }

// Back posts: one bent piece each, from the floor to the crest rail.
#declare Post = sphere_sweep {
  cubic_spline 7
  <0, -12, 30>, 1.5, <0, 0.8, 27>, 1.5, <0, 24, 22.5>, 1.9, <0, 45, 20.5>, 2.1,
  <0, 70, 24>, 1.9, <0, 92, 29.3>, 1.6, <0, 115, 35>, 1.4
}
#declare S = -1;
#while (S < 2)
  object { Post scale <1.05, 1, 1.15> translate <S*19.5, 0, -3> texture { BrownY translate S*11*x } }
  // Front legs.
  union {
    object { TaperLeg(44, 2.8, 4.4) }
    texture { BrownY translate <S*17, 0, 9> }
    translate <S*20.5, 0, -19.5>
  }
  // Side rails and stretchers.
  box { <S*20.5 - 1.1, 37, -19>, <S*20.5 + 1.1, 44, 22> texture { Brown translate S*7 } }
  cylinder { <S*20.4, 16, -19.5>, <S*19.6, 17, 24>, 1.15 texture { Brown translate S*5 } }
  #declare S = S + 2;
#end
box { <-19, 37, -20.6>, <19, 44, -18.4> texture { BrownX } }
box { <-19, 37, 20.5>, <19, 44, 22.7> texture { BrownX translate 9*y } }
cylinder { <-20, 16.6, 4>, <20, 16.6, 4>, 1.15 texture { BrownX translate 5*y } }

// The back between the posts, in its own leaning frame: y runs along the posts.
#declare Lean = degrees(atan2(10.8, 52));
#macro Curved(Y0, Y1, T, Half)
  intersection {
    difference {
      cylinder { <0, Y0, -70>, <0, Y1, -70>, 74 + T }
      cylinder { <0, Y0 - 1, -70>, <0, Y1 + 1, -70>, 74 - T }
    }
    box { <-Half, Y0, 0>, <Half, Y1, 10> }
  }
#end
union {
  intersection {
    object { Curved(41, 56, 1.1, 22.3) }
    cylinder { <0, -31, -20>, <0, -31, 20>, 85 }
    texture { BrownX translate 13*y }
  }
  object { Curved(6, 10, 1.0, 19) texture { BrownX translate 21*y } }
  #declare I = -2;
  #while (I < 3)
    object {
      RBox(<-1.7, 8, -0.6>, <1.7, 43, 0.6>, 0.5)
      texture { BrownY translate <I*9, 0, I*5> }
      translate <I*6.4, 0, sqrt(74*74 - pow(I*6.4, 2)) - 70>
    }
    #declare I = I + 1;
  #end
  translate -1.5*z
  rotate Lean*x
  translate <0, 44, 20.2>
}

// Seat: a thin frame and the pad on it.
object { RBox(<-22.8, 43.4, -22.4>, <22.8, 45.2, 19.5>, 0.8) texture { Brown } }
object { Cushion(21.6, 2.2, 20, 2, 0.45, 0.25, 3) Fabric(srgb <0.84, 0.78, 0.69>, 0.35) translate <0, 46.4, -1.8> }
